package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.common.contract.CacheContract.Scope;
import dev.penstock.testkit.Await;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddingsTest {
    @TempDir
    Path folder;

    private GatewayFixture gateway;

    @BeforeEach
    void start() {
        gateway = new GatewayFixture(folder, "");
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void answersInOpenAiShapeWithEachInputsOwnVectorInOrder() {
        FakeBatching batching = gateway.batching();
        gateway.cache();

        HttpResponse<String> response = gateway.embed("{\"model\":\"embed\",\"input\":[\"a\",\"bb\",\"a\"]}");

        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        JsonObject body = new JsonObject(response.body());
        assertThat(body.getString("object")).isEqualTo("list");
        assertThat(body.getString("model")).isEqualTo("backend-embed");
        assertThat(body.getJsonObject("usage"))
                .isEqualTo(new JsonObject().put("prompt_tokens", 9).put("total_tokens", 9));
        JsonArray data = body.getJsonArray("data");
        assertThat(data).hasSize(3);
        assertThat(floats(data, 0)).containsExactly(FakeBatching.vector("\"a\""));
        assertThat(floats(data, 1)).containsExactly(FakeBatching.vector("\"bb\""));
        assertThat(floats(data, 2)).containsExactly(FakeBatching.vector("\"a\""));
        assertThat(data.getJsonObject(2).getInteger("index")).isEqualTo(2);
        assertThat(batching.items()).as("equal inputs are embedded once").isEqualTo(2);
    }

    @Test
    void rendersBase64OfLittleEndianFloats() {
        gateway.batching();
        HttpResponse<String> response =
                gateway.embed("{\"model\":\"embed\",\"input\":\"hi\",\"encoding_format\":\"base64\"}");

        String text = new JsonObject(response.body())
                .getJsonArray("data")
                .getJsonObject(0)
                .getString("embedding");
        ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(text)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(new float[] {bytes.getFloat(), bytes.getFloat()}).containsExactly(FakeBatching.vector("\"hi\""));
    }

    @Test
    void acceptsTokensAndListsOfTokens() {
        FakeBatching batching = gateway.batching();
        assertThat(gateway.embed("{\"model\":\"embed\",\"input\":[1,2,3]}").statusCode())
                .isEqualTo(200);
        assertThat(gateway.embed("{\"model\":\"embed\",\"input\":[[1,2],[3]]}").statusCode())
                .isEqualTo(200);
        assertThat(batching.submits.get(1).items())
                .extracting(item -> item.json().utf8())
                .containsExactly("[1,2]", "[3]");
    }

    @Test
    void saysWhereTheAnswerCameFrom() {
        gateway.batching();
        FakeCache cache = gateway.cache();
        String body = "{\"model\":\"embed\",\"input\":\"hello\"}";

        HttpResponse<String> miss = gateway.embed(body, "X-Request-ID", "my-id");
        Await.until("the answer is stored", () -> cache.entries.size() == 1);
        cache.beat();
        HttpResponse<String> hit = gateway.embed(body);

        assertThat(header(miss, "cache-status")).isEqualTo("penstock; fwd=miss; stored");
        assertThat(header(miss, "x-request-id")).isEqualTo("my-id");
        assertThat(header(miss, "x-penstock-model")).isEqualTo("embed");
        assertThat(header(miss, "x-penstock-instance")).isEqualTo("one");
        assertThat(header(miss, "x-penstock-batch-size")).isEqualTo("7");
        assertThat(header(miss, "server-timing")).contains("upstream;dur=").contains("total;dur=");
        assertThat(header(hit, "cache-status")).startsWith("penstock-l1; hit; ttl=");
        assertThat(header(hit, "age")).isEqualTo("0");
        assertThat(header(hit, "x-content-type-options")).isEqualTo("nosniff");
        assertThat(header(hit, "traceparent")).startsWith("00-");
        assertThat(hit.body()).isEqualTo(miss.body());
        assertThat(cache.lookups).hasValue(1);
    }

    @Test
    void thePartsOfTheTimeAddUpToTheTotal() {
        gateway.batching();
        gateway.cache();
        long start = System.nanoTime();
        HttpResponse<String> response = gateway.embed("{\"model\":\"embed\",\"input\":\"timed\"}");
        double took = (System.nanoTime() - start) / 1e6;
        Map<String, Double> parts = new HashMap<>();
        for (String part : header(response, "server-timing").split(", ", -1)) {
            String[] split = part.split(";dur=", -1);
            parts.put(split[0], Double.parseDouble(split[1]));
        }
        double total = parts.remove("total");
        double sum = parts.values().stream().mapToDouble(Double::doubleValue).sum();
        assertThat(sum).isCloseTo(total, within(1.0));
        assertThat(total).isBetween(0.0, took);
        assertThat(parts).containsKeys("auth", "cache", "gateway").hasSizeGreaterThanOrEqualTo(4);
    }

    @Test
    void tenIdenticalCallsAtOnceReachTheModelOnce() throws Exception {
        FakeBatching batching = gateway.batching();
        FakeCache cache = gateway.cache();
        Promise<Void> gate = Promise.promise();
        batching.gate = gate;
        List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            calls.add(gateway.postLater("/v1/embeddings", "{\"model\":\"embed\",\"input\":\"same\"}"));
        }
        Await.until("nine wait", () -> cache.waiters() == 9);
        gate.complete();

        for (var call : calls) {
            assertThat(call.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        }
        assertThat(batching.items()).isEqualTo(1);
    }

    @Test
    void onlyMissingItemsGoToTheModel() {
        FakeBatching batching = gateway.batching();
        FakeCache cache = gateway.cache();
        gateway.embed("{\"model\":\"embed\",\"input\":\"a\"}");
        Await.until("stored", () -> cache.entries.size() == 1);

        HttpResponse<String> response = gateway.embed("{\"model\":\"embed\",\"input\":[\"b\",\"a\"]}");

        assertThat(batching.submits.get(1).items()).hasSize(1);
        assertThat(header(response, "cache-status")).isEqualTo("penstock-item; fwd=partial; detail=\"1/2\"");
        JsonArray data = new JsonObject(response.body()).getJsonArray("data");
        assertThat(floats(data, 1)).containsExactly(FakeBatching.vector("\"a\""));
    }

    @Test
    void aFailedItemFailsTheCallAndGivesTheFlightBack() {
        gateway.batching();
        FakeCache cache = gateway.cache();
        HttpResponse<String> response = gateway.embed("{\"model\":\"embed\",\"input\":[\"fine\",\"poison\"]}");

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(new JsonObject(response.body()).getJsonObject("error").getString("message"))
                .contains("refused this input");
        Await.until("one flight ends badly", () -> cache.abandoned.size() == 1);
        Await.until("the other is kept", () -> cache.entries.size() == 1);
    }

    @Test
    void aPoolWithoutInstancesIsRefusedAtOnce() {
        FakeBatching batching = new FakeBatching(gateway.harness, List.of());
        HttpResponse<String> response = gateway.embed("{\"model\":\"embed\",\"input\":\"x\"}");
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(header(response, "retry-after")).isNotEmpty();
        assertThat(batching.submits).hasSize(1);
    }

    @Test
    void worksWithoutCacheServiceAndStillServesWhatItKnows() {
        FakeBatching batching = gateway.batching();
        String body = "{\"model\":\"embed\",\"input\":\"alone\"}";
        assertThat(gateway.embed(body).statusCode()).isEqualTo(200);
        HttpResponse<String> again = gateway.embed(body);
        assertThat(header(again, "cache-status")).startsWith("penstock-l1; hit");
        assertThat(batching.items()).isEqualTo(1);
    }

    @Test
    void forgetsWhatIsInvalidatedAlsoWhenTheMessageWasLost() {
        FakeBatching batching = gateway.batching();
        FakeCache cache = gateway.cache();
        String body = "{\"model\":\"embed\",\"input\":\"x\"}";
        gateway.embed(body);
        Await.until("stored", () -> cache.entries.size() == 1);
        cache.forget(Scope.EVERYTHING);
        embedUntil("the message has come", body, () -> batching.items() == 2);
        Await.until("stored again", () -> cache.entries.size() == 1);

        cache.forgetSilently();
        cache.beat();
        embedUntil("the heartbeat has come", body, () -> batching.items() == 3);
    }

    @Test
    void asksTheCacheAgainWhenTheLeaseHasRunOut() {
        FakeBatching batching = gateway.batching();
        FakeCache cache = gateway.cache();
        String body = "{\"model\":\"embed\",\"input\":\"x\"}";
        gateway.embed(body);
        Await.until("stored", () -> cache.entries.size() == 1);
        cache.beat();
        Await.until("it is near", () -> cacheStatus(body).startsWith("penstock-l1; hit"));
        int lookups = cache.lookups.get();
        // No heartbeat comes any more, so after the lease of a second the near cache must not serve.
        Await.until("the shared cache answers", () -> cacheStatus(body).startsWith("penstock-l2; hit"));
        assertThat(cache.lookups.get()).isGreaterThan(lookups);
        assertThat(batching.items()).isEqualTo(1);
    }

    @Test
    void obeysCacheOffAndRefresh() {
        FakeBatching batching = gateway.batching();
        FakeCache cache = gateway.cache();
        String body = "{\"model\":\"embed\",\"input\":\"x\"}";
        gateway.embed(body);
        Await.until("stored", () -> cache.entries.size() == 1);
        HttpResponse<String> off = gateway.embed(body, "X-Penstock-Cache", "off");
        HttpResponse<String> refresh = gateway.embed(body, "X-Penstock-Cache", "refresh");
        assertThat(header(off, "cache-status")).isEqualTo("penstock; fwd=bypass");
        assertThat(header(refresh, "cache-status")).isEqualTo("penstock; fwd=request; stored");
        assertThat(batching.items()).isEqualTo(3);
    }

    /** Messages take their time: asks until the condition holds. */
    private void embedUntil(String what, String body, BooleanSupplier condition) {
        Await.until(what, () -> {
            gateway.embed(body);
            return condition.getAsBoolean();
        });
    }

    private String cacheStatus(String body) {
        return header(gateway.embed(body), "cache-status");
    }

    @Test
    void aRefreshIsKeptAlsoWhereSomebodyStoredMeanwhile() {
        gateway.batching();
        FakeCache cache = gateway.cache();
        String body = "{\"model\":\"embed\",\"input\":\"x\"}";
        gateway.embed(body);
        Await.until("stored", () -> cache.entries.size() == 1);
        var old = cache.entries.values().iterator().next();
        cache.storedAgain = true;
        HttpResponse<String> refresh = gateway.embed(body, "X-Penstock-Cache", "refresh");
        assertThat(header(refresh, "cache-status")).isEqualTo("penstock; fwd=request; stored");
        Await.until(
                "the new answer is stored",
                () -> cache.entries.values().stream().noneMatch(entry -> entry.equals(old)));
    }

    static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    private static float[] floats(JsonArray data, int index) {
        JsonArray numbers = data.getJsonObject(index).getJsonArray("embedding");
        float[] floats = new float[numbers.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = numbers.getFloat(i);
        }
        return floats;
    }
}
