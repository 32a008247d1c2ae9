package dev.penstock.gateway.guard.content;

import dev.penstock.common.config.UploadsConfig;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.streams.ReadStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes uploads to a folder of this process, within bounds for each and for all, and judges the files. */
public final class SpoolingCheck implements ContentCheck {
    private static final Logger log = LoggerFactory.getLogger(SpoolingCheck.class);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final Vertx vertx;
    private final Path folder;
    private final UploadsConfig config;
    private final Refusals refusals;
    private final @Nullable Clamd clamd;
    private final AtomicLong spooled = new AtomicLong();

    /** Told of each refused upload. */
    @FunctionalInterface
    public interface Refusals {
        /** @param detail one line for people */
        void refused(HttpServerRequest request, String subject, String detail);
    }

    /** @param folder nobody else's; emptied at the start */
    public SpoolingCheck(Vertx vertx, Path folder, UploadsConfig config, Refusals refusals) {
        this.vertx = vertx;
        this.folder = folder;
        this.config = config;
        this.refusals = refusals;
        this.clamd = config.clamav().isEmpty() ? null : new Clamd(vertx, config.clamav(), config.clamavTimeout());
    }

    /** Deletes what a dead process left. */
    public Future<Void> start() {
        String path = folder.toString();
        return vertx.fileSystem()
                .exists(path)
                .compose(there -> there ? vertx.fileSystem().deleteRecursive(path) : Future.succeededFuture())
                .compose(done -> vertx.fileSystem().mkdirs(path));
    }

    @Override
    public Future<Checked> check(Upload upload) {
        if (upload.length() > config.maxFile().bytes()) {
            return refuse(upload, tooLarge());
        }
        upload.body().pause();
        String file = folder.resolve(UUID.randomUUID() + ".upload").toString();
        Spool spool = new Spool(file);
        return vertx.fileSystem()
                .open(file, new OpenOptions().setCreateNew(true).setWrite(true).setPerms("rw-------"))
                .compose(open -> spool.fill(upload.body(), open))
                .compose(done -> judge(upload, file))
                .map(done -> (Checked) spool)
                .recover(cause -> spool.discard().otherwiseEmpty().compose(gone -> refuse(upload, cause)));
    }

    private Future<Void> judge(Upload upload, String file) {
        return vertx.<Void>executeBlocking(
                        () -> {
                            Inspector.inspect(Path.of(file), upload.declaredType(), config);
                            return null;
                        },
                        false)
                .compose(done -> clamd == null ? Future.succeededFuture() : clamd.scan(file));
    }

    private <T> Future<T> refuse(Upload upload, Throwable cause) {
        if (!(cause instanceof Fault fault)) {
            log.error("an upload could not be checked", cause);
            return Future.failedFuture(Fault.retryLater(
                    FaultCode.UNAVAILABLE, "Uploads cannot be checked at the moment; try again.", RETRY));
        }
        if (fault.status() < 500 && fault.code() != FaultCode.CANCELLED) {
            refusals.refused(upload.request(), upload.subject(), fault.reason());
        }
        return Future.failedFuture(fault);
    }

    private Fault tooLarge() {
        return Fault.of(
                FaultCode.TOO_LARGE,
                "The upload is larger than the " + config.maxFile().bytes() + " bytes that can be checked.");
    }

    /** One file. Confined to the request's event loop while it is filled. */
    private final class Spool implements Checked {
        private final String file;
        private long length;
        /** What this file takes of the room for all. */
        private long held;

        private boolean discarded;

        Spool(String file) {
            this.file = file;
        }

        Future<Void> fill(ReadStream<Buffer> body, AsyncFile into) {
            Promise<Void> all = Promise.promise();
            into.exceptionHandler(all::tryFail);
            body.exceptionHandler(cause -> all.tryFail(Fault.of(FaultCode.CANCELLED, "The upload broke off.")));
            body.endHandler(end -> all.tryComplete());
            body.handler(chunk -> {
                if (all.future().isComplete()) {
                    return;
                }
                length += chunk.length();
                if (length > config.maxFile().bytes()) {
                    all.tryFail(tooLarge());
                    return;
                }
                held += chunk.length();
                if (spooled.addAndGet(chunk.length()) > config.maxSpool().bytes()) {
                    all.tryFail(Fault.retryLater(
                            FaultCode.OVERLOADED, "Too many uploads are being checked; try again.", RETRY));
                    return;
                }
                into.write(chunk).onFailure(all::tryFail);
                if (into.writeQueueFull()) {
                    body.pause();
                    into.drainHandler(drained -> body.resume());
                }
            });
            body.resume();
            return all.future().eventually(into::close);
        }

        @Override
        public long length() {
            return length;
        }

        @Override
        public Future<ReadStream<Buffer>> open() {
            return vertx.fileSystem()
                    .open(file, new OpenOptions().setRead(true).setWrite(false).setCreate(false))
                    .map(opened -> opened);
        }

        @Override
        public Future<Void> discard() {
            if (discarded) {
                return Future.succeededFuture();
            }
            discarded = true;
            spooled.addAndGet(-held);
            return vertx.fileSystem()
                    .delete(file)
                    .onFailure(cause -> log.warn("an upload's file stays until the next start: {}", cause.toString()));
        }
    }
}
