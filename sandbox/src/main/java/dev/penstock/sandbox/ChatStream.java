package dev.penstock.sandbox;

import dev.penstock.sandbox.policy.Tokens;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;

/**
 * Writes one generated answer as server-sent events: what comes first, then a frame for each token at the set pace,
 * then what comes last. It never writes into a full buffer, and
 * stops when the caller has gone. Event loop only.
 */
final class ChatStream {
    private static final int FRAMES_PER_WRITE = 16;

    private final Vertx vertx;
    private final Exchange exchange;
    private final SandboxCounters counters;
    private final HttpServerResponse response;
    private final ChatRequest request;
    private final StreamFrames frames;
    private final double tokensPerSecond;
    private long startNanos;
    private int position;
    private int tokensSent;
    private boolean waitingForDrain;

    ChatStream(
            Vertx vertx,
            Exchange exchange,
            SandboxCounters counters,
            ChatRequest request,
            StreamFrames frames,
            double tokensPerSecond) {
        this.vertx = vertx;
        this.exchange = exchange;
        this.counters = counters;
        this.response = exchange.response();
        this.request = request;
        this.frames = frames;
        this.tokensPerSecond = tokensPerSecond;
    }

    void start() {
        response.setChunked(true)
                .putHeader("content-type", "text/event-stream; charset=utf-8")
                .putHeader("cache-control", "no-cache")
                .putHeader("x-accel-buffering", "no");
        StringBuilder first = new StringBuilder();
        frames.begin(first);
        response.write(first.toString());
        startNanos = System.nanoTime();
        if (tokensPerSecond > 0) {
            long periodMs = Math.max(1, (long) (1000 / tokensPerSecond));
            long timer = vertx.setPeriodic(periodMs, _ -> advance());
            exchange.atEnd(() -> vertx.cancelTimer(timer));
        } else {
            advance();
        }
    }

    private void advance() {
        while (!exchange.over() && !waitingForDrain) {
            int due = due() - tokensSent;
            if (due <= 0 && tokensSent < request.tokensPerChoice()) {
                return;
            }
            if (tokensSent >= request.tokensPerChoice()) {
                finish();
                return;
            }
            response.write(frames(Math.min(due, FRAMES_PER_WRITE)));
            if (response.writeQueueFull()) {
                waitingForDrain = true;
                response.drainHandler(_ -> {
                    waitingForDrain = false;
                    advance();
                });
            }
        }
    }

    private int due() {
        if (tokensPerSecond == 0) {
            return request.tokensPerChoice();
        }
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        return (int) Math.min(request.tokensPerChoice(), seconds * tokensPerSecond);
    }

    private String frames(int tokens) {
        StringBuilder out = new StringBuilder(tokens * 256);
        for (int i = 0; i < tokens && position < request.content().length(); i++) {
            int end = Tokens.next(request.content(), position);
            frames.token(out, request.content().substring(position, end));
            position = end;
            tokensSent++;
            counters.generated(request.choices());
        }
        return out.toString();
    }

    private void finish() {
        StringBuilder out = new StringBuilder();
        frames.end(out);
        exchange.endStream(out.toString());
    }
}
