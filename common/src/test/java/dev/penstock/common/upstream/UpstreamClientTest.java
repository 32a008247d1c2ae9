package dev.penstock.common.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.bus.CallContext;
import dev.penstock.common.config.InstanceConfig;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.time.Deadline;
import dev.penstock.common.unit.Secret;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class UpstreamClientTest {
    private static final Duration LONG = Duration.ofSeconds(5);
    private final CallContext context = new CallContext("r-7", "00-abc", new Deadline(0));
    private Vertx vertx;
    private UpstreamClient client;

    @BeforeEach
    void start() {
        vertx = Vertx.vertx();
        client = new UpstreamClient(vertx, Duration.ofMillis(500));
    }

    @AfterEach
    void stop() throws Exception {
        get(vertx.close());
    }

    @Test
    void aCallCarriesKeyCorrelationAndTraceAndBringsTheAnswer() throws Exception {
        InstanceConfig instance = serve(request -> request.body()
                .onSuccess(body -> request.response()
                        .putHeader(
                                "seen",
                                request.path() + " " + request.getHeader("authorization") + " "
                                        + request.getHeader("x-request-id") + " " + request.getHeader("traceparent"))
                        .end(body)));

        var answer = get(call(instance, LONG));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().toString()).isEqualTo("{}");
        assertThat(answer.headers().get("seen")).isEqualTo("/v1/embeddings Bearer sk-1 r-7 00-abc");
    }

    @Test
    void nobodyListeningMeansThatNothingWasSent() throws Exception {
        HttpServer server = get(vertx.createHttpServer().requestHandler(r -> {}).listen(0, "127.0.0.1"));
        InstanceConfig gone = instance(server.actualPort());
        get(server.close());

        UpstreamFailure failure = failureOf(call(gone, LONG));

        assertThat(failure.sent()).isFalse();
        assertThat(failure.fault().code()).isEqualTo(FaultCode.UPSTREAM_ERROR);
    }

    @Test
    void aServerThatSaysNothingCostsTheHeadTimeout() throws Exception {
        InstanceConfig silent = serve(request -> {});

        UpstreamFailure failure = failureOf(call(silent, Duration.ofMillis(80)));

        assertThat(failure.sent()).isTrue();
        assertThat(failure.fault().code()).isEqualTo(FaultCode.TIMEOUT);
    }

    @Test
    void cancellingShowsTheServerAClosedConnection() throws Exception {
        var arrived = new CompletableFuture<Void>();
        var closed = new CompletableFuture<Void>();
        InstanceConfig instance = serve(request -> {
            request.connection().closeHandler(v -> closed.complete(null));
            arrived.complete(null);
        });

        UpstreamCall call = client.open(instance, Outbound.of("/embeddings", Buffer.buffer("{}")), context, LONG);
        arrived.get(5, TimeUnit.SECONDS);
        call.cancel();

        closed.get(1, TimeUnit.SECONDS);
        assertThat(failureOf(call.response()).fault().code()).isEqualTo(FaultCode.CANCELLED);
    }

    @Test
    void aBodyThatIsCutShortIsAFailure() throws Exception {
        InstanceConfig instance = serve(request -> request.response()
                .putHeader("content-length", "100")
                .write("half")
                .onComplete(v -> request.connection().close()));

        UpstreamFailure failure = failureOf(call(instance, LONG));

        assertThat(failure.fault().code()).isEqualTo(FaultCode.UPSTREAM_ERROR);
    }

    @Test
    void aBodyOverTheBoundIsRefusedAndTheCallCancelled() throws Exception {
        InstanceConfig instance = serve(request -> request.response().end(Buffer.buffer(new byte[2_000])));

        UpstreamFailure failure = failureOf(call(instance, LONG));

        assertThat(failure.fault().reason()).contains("1000 bytes");
    }

    @Test
    void cancellingAFinishedCallClosesNoConnection() throws Exception {
        var closed = new CompletableFuture<Void>();
        InstanceConfig instance = serve(request -> {
            request.connection().closeHandler(v -> closed.complete(null));
            request.response().end("whole");
        });
        UpstreamCall first = client.open(instance, Outbound.of("/embeddings", Buffer.buffer("{}")), context, LONG);
        get(first.response().compose(r -> client.collect(first, r, 1000, LONG)));

        first.cancel();

        for (int i = 0; i < 20; i++) {
            assertThat(get(call(instance, LONG)).body().toString()).isEqualTo("whole");
        }
        assertThat(closed).isNotDone();
    }

    @Test
    void refusalsAreToldApartByWhoseFaultTheyAre() {
        Buffer body = Buffer.buffer("{\"error\":{\"message\":\"too long\",\"param\":\"input\"}}");
        MultiMap headers = MultiMap.caseInsensitiveMultiMap().add("retry-after-ms", "1500");

        var rejected = UpstreamErrors.fault(400, headers, body, Instant.EPOCH);
        assertThat(rejected.code()).isEqualTo(FaultCode.UPSTREAM_REJECTED);
        assertThat(rejected.reason()).isEqualTo("too long");
        assertThat(rejected.param()).isEqualTo("input");
        var throttled = UpstreamErrors.fault(429, headers, body, Instant.EPOCH);
        assertThat(throttled.code()).isEqualTo(FaultCode.OVERLOADED);
        assertThat(throttled.retryAfter()).isEqualTo(Duration.ofMillis(1500));
        assertThat(UpstreamErrors.fault(401, headers, Buffer.buffer("<html>"), Instant.EPOCH)
                        .reason())
                .contains("api-key");
    }

    @Test
    void retryAfterIsReadInAllItsForms() {
        assertThat(retryAfter("2.5")).isEqualTo(Duration.ofMillis(2500));
        assertThat(retryAfter("Thu, 01 Jan 1970 00:00:10 GMT")).isEqualTo(Duration.ofSeconds(10));
        assertThat(retryAfter("soon")).isNull();
    }

    private static Duration retryAfter(String value) {
        return UpstreamErrors.retryAfter(MultiMap.caseInsensitiveMultiMap().add("Retry-After", value), Instant.EPOCH);
    }

    private Future<UpstreamClient.Answer> call(InstanceConfig instance, Duration timeout) {
        UpstreamCall call = client.open(instance, Outbound.of("/embeddings", Buffer.buffer("{}")), context, timeout);
        return call.response().compose(response -> client.collect(call, response, 1000, timeout));
    }

    private InstanceConfig serve(Consumer<HttpServerRequest> handler) throws Exception {
        return instance(
                get(vertx.createHttpServer().requestHandler(handler::accept).listen(0, "127.0.0.1"))
                        .actualPort());
    }

    private static InstanceConfig instance(int port) {
        return new InstanceConfig("a", "http://127.0.0.1:" + port + "/v1/", new Secret("sk-1"), "", 1, 8);
    }

    private static UpstreamFailure failureOf(Future<?> call) throws Exception {
        try {
            get(call);
        } catch (ExecutionException e) {
            return (UpstreamFailure) e.getCause();
        }
        throw new AssertionError("the call should have failed");
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
    }
}
