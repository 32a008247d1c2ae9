package dev.penstock.gateway.guard;

import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpMessage;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;

/**
 * Reads HTTP/1.1 as Vert.x does, but refuses what has both a length and a transfer coding (RFC 9112 §6.1), which Netty
 * would read by its chunks without a trace of the length.
 */
public final class StrictDecoder extends VertxHttpRequestDecoder {
    private StrictDecoder(HttpServerOptions options) {
        super(options);
    }

    /** To be called before anything of the connection was read. */
    public static void install(ChannelPipeline pipeline, HttpServerOptions options) {
        var lenient = pipeline.context(VertxHttpRequestDecoder.class);
        if (lenient != null) {
            pipeline.replace(lenient.name(), lenient.name(), new StrictDecoder(options));
        }
    }

    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        throw new IllegalArgumentException("both Content-Length and Transfer-Encoding");
    }
}
