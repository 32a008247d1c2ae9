package dev.penstock.gateway.route;

import dev.penstock.gateway.guard.content.ContentCheck.Checked;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.streams.ReadStream;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends an upload that was found harmless from its file; the file is closed on every path. */
final class CheckedFile {
    private static final Logger log = LoggerFactory.getLogger(CheckedFile.class);

    private CheckedFile() {}

    /**
     * Sends all of it.
     *
     * @param moved told of each piece
     * @param wanted whether the call that it is for is still under way
     * @return failed only where the file cannot be read: that the server broke off is told by its response
     */
    static Future<Void> send(Checked file, HttpClientRequest request, Runnable moved, BooleanSupplier wanted) {
        return file.open().compose(content -> {
            if (!wanted.getAsBoolean()) {
                close(content);
                return Future.succeededFuture();
            }
            return new UploadCheck.Heard(content, moved).pipeTo(request).transform(sent -> {
                close(content);
                return Future.succeededFuture();
            });
        });
    }

    private static void close(ReadStream<Buffer> content) {
        if (content instanceof AsyncFile file) {
            file.close().onFailure(cause -> log.debug("closed already", cause));
        }
    }
}
