package dev.penstock.gateway.guard.content;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Asks a clamd about a file by its command {@code INSTREAM}: chunks with their length before them, a zero at the end. */
final class Clamd {
    private static final int LONGEST_ANSWER = 4 * 1024;
    private static final int CHUNK = 64 * 1024;

    private final Vertx vertx;
    private final NetClient client;
    private final String host;
    private final int port;
    private final Duration limit;

    /** @param address {@code host:port} */
    Clamd(Vertx vertx, String address, Duration limit) {
        this.vertx = vertx;
        this.client = vertx.createNetClient(new NetClientOptions().setConnectTimeout((int) limit.toMillis()));
        int colon = address.lastIndexOf(':');
        this.host = address.substring(0, colon).replace("[", "").replace("]", "");
        this.port = Integer.parseInt(address.substring(colon + 1));
        this.limit = limit;
    }

    /** Fails with 422 for what clamd finds, with 503 where it gives no clear answer: what was not looked at does not pass. */
    Future<Void> scan(String file) {
        return client.connect(port, host)
                .compose(socket -> ask(socket, file)
                        .timeout(limit.toMillis(), TimeUnit.MILLISECONDS)
                        .eventually(socket::close))
                .recover(cause -> Future.failedFuture(
                        cause instanceof Fault
                                ? cause
                                : Fault.retryLater(
                                        FaultCode.UNAVAILABLE,
                                        "The scanner of uploads does not answer; try again.",
                                        Duration.ofSeconds(5))))
                .compose(Clamd::verdict);
    }

    private Future<String> ask(NetSocket socket, String file) {
        Promise<String> answer = Promise.promise();
        Buffer heard = Buffer.buffer();
        socket.handler(part -> {
            heard.appendBuffer(part);
            if (heard.length() > LONGEST_ANSWER || heard.getByte(heard.length() - 1) == 0) {
                answer.tryComplete(heard.toString());
            }
        });
        socket.closeHandler(closed -> answer.tryComplete(heard.toString()));
        socket.exceptionHandler(answer::tryFail);
        vertx.fileSystem()
                .open(file, new OpenOptions().setRead(true).setWrite(false).setCreate(false))
                .compose(opened -> send(opened, socket))
                .onFailure(answer::tryFail);
        return answer.future();
    }

    private static Future<Void> send(AsyncFile file, NetSocket socket) {
        Promise<Void> sent = Promise.promise();
        socket.write(Buffer.buffer("zINSTREAM\0"));
        file.setReadBufferSize(CHUNK);
        file.exceptionHandler(sent::tryFail);
        file.handler(chunk -> {
            socket.write(
                    Buffer.buffer(chunk.length() + 4).appendInt(chunk.length()).appendBuffer(chunk));
            if (socket.writeQueueFull()) {
                file.pause();
                socket.drainHandler(drained -> file.resume());
            }
        });
        file.endHandler(end -> {
            socket.write(Buffer.buffer().appendInt(0));
            sent.tryComplete();
        });
        return sent.future().eventually(file::close);
    }

    private static Future<Void> verdict(String answer) {
        String text = answer.replace("\0", "").strip();
        if (text.endsWith(" OK")) {
            return Future.succeededFuture();
        }
        if (text.endsWith(" FOUND")) {
            return Future.failedFuture(Fault.detailed(
                    FaultCode.INVALID_REQUEST,
                    Inspector.HARMFUL,
                    "The upload is refused: the scanner found something harmful in it.",
                    null,
                    null));
        }
        return Future.failedFuture(Fault.retryLater(
                FaultCode.UNAVAILABLE,
                "The scanner of uploads gave no clear answer; try again.",
                Duration.ofSeconds(5)));
    }
}
