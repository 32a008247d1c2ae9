package dev.penstock.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LoadTest {
    private static final Duration TIME = Duration.ofMillis(600);
    private static final long STALL_MILLIS = 300;

    private final Vertx vertx = Vertx.vertx();
    private final AtomicLong calls = new AtomicLong();
    private final Set<String> bodies = ConcurrentHashMap.newKeySet();
    private volatile int status = 200;
    private volatile long stallAt = -1;
    private Shot shot;

    @BeforeEach
    void serve() throws Exception {
        int port = vertx.createHttpServer(
                        new HttpServerOptions().setHost("127.0.0.1").setPort(0))
                .requestHandler(this::answer)
                .listen()
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS)
                .actualPort();
        shot = Shot.post(port, "/v1/x", Map.of("Authorization", "Bearer k"), "{\"input\":\"" + Shot.NUMBER + "\"}");
    }

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private void answer(HttpServerRequest request) {
        long call = calls.incrementAndGet();
        request.body().onSuccess(body -> {
            bodies.add(body.toString());
            request.response().setStatusCode(status);
            if (call == stallAt) {
                vertx.setTimer(STALL_MILLIS, id -> request.response().end("x".repeat(100_000)));
            } else {
                request.response().end("x".repeat(100_000));
            }
        });
    }

    @Test
    void closedLoopCountsEveryAnswerAndRepeatsNoBody() throws IOException {
        Volley volley = ClosedLoop.run(shot, 4, TIME, 7);
        assertThat(volley.answers()).isPositive().isLessThanOrEqualTo(calls.get());
        assertThat(volley.errors()).isZero();
        assertThat(volley.latency().getTotalCount()).isEqualTo(volley.answers());
        assertThat((long) bodies.size()).isGreaterThanOrEqualTo(volley.answers());
        assertThat(bodies).contains("{\"input\":\"000000000007\"}");
    }

    @Test
    void answersOtherThan2xxAreErrors() throws IOException {
        status = 503;
        Volley volley = ClosedLoop.run(shot, 2, TIME, 0);
        assertThat(volley.errors()).isEqualTo(volley.answers()).isPositive();
    }

    @Test
    void openLoopSendsWhatTheRateAsksForWhateverTheServerDoes() throws IOException {
        Volley volley = OpenLoop.run(shot, 100, 8, TIME, 0);
        assertThat(volley.answers()).isEqualTo(60);
        assertThat(calls.get()).isEqualTo(60);
    }

    @Test
    void openLoopCountsTheWaitOfThoseThatAStallHeldUp() throws IOException {
        stallAt = 10;
        Volley volley = OpenLoop.run(shot, 100, 1, TIME, 0);
        assertThat(volley.answers()).isEqualTo(60);
        assertThat(volley.micros(90))
                .as("one slow answer on the only connection delays some thirty requests, not one")
                .isGreaterThan(100_000);
    }

    @Test
    void nobodyThereIsAFailureNotAFigure() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertThatThrownBy(() -> ClosedLoop.run(shot, 1, TIME, 0)).isInstanceOf(IOException.class);
    }
}
