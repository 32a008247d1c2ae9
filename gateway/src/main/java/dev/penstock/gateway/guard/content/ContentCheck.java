package dev.penstock.gateway.guard.content;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.streams.ReadStream;
import org.jspecify.annotations.Nullable;

/**
 * Looks at an upload before anybody else gets it: its bytes go to a file first, so that what is refused never reaches the
 * service behind. For bodies that need no look, stream them without this. Safe for many event loops.
 */
@FunctionalInterface
public interface ContentCheck {
    /**
     * What somebody sends.
     *
     * @param body not yet read; paused or flowing, and read from here on by the check
     * @param declaredType the {@code Content-Type}, or null where there is none
     * @param fileName the name that the sender gives it, or null; used in messages alone, never as a path
     * @param subject who sends it, for the event: a key's id or {@code anonymous}
     * @param length what {@code Content-Length} says, or -1
     */
    record Upload(
            HttpServerRequest request,
            ReadStream<Buffer> body,
            @Nullable String declaredType,
            @Nullable String fileName,
            String subject,
            long length) {}

    /** An upload that may pass. Its file is there until {@link #discard}, which must be called in any case. */
    interface Checked {
        /** Bytes in all. */
        long length();

        /** The whole upload from its start; may be asked for again, for example to send it a second time. */
        Future<ReadStream<Buffer>> open();

        /** Deletes the file; may be called more than once. */
        Future<Void> discard();
    }

    /**
     * Reads and judges. Fails with a {@code Fault}: 415 where the content is not of the declared type, 413 where it is too
     * large or unpacks to too much, 422 where it is harmful or broken, 503 where no room or no scanner is there. Whatever
     * was written of a refused upload is deleted.
     */
    Future<Checked> check(Upload upload);
}
