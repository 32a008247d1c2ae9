package dev.penstock.gateway;

import static dev.penstock.gateway.EmbeddingsTest.header;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.gateway.auth.AccessRole;
import dev.penstock.gateway.auth.TestTokens;
import dev.penstock.testkit.Await;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several requests in one, each through the whole gateway. */
class AggregateTest {
    private static final Vertx VERTX = Vertx.vertx();
    private static Upstream one;
    private static GatewayFixture gateway;

    @BeforeAll
    static void start(@TempDir Path folder) {
        one = new Upstream(VERTX, "one");
        gateway = new GatewayFixture(folder, """
                limits: [{name: tight, per-minute: 2}]
                routes:
                  - {name: shop, prefix: /shop, pool: {instances: [{url: "http://127.0.0.1:%1$d"}], outlier: {failures: 100}}}
                  - {name: staff, prefix: /staff, auth: {role: admin}, pool: {instances: [{url: "http://127.0.0.1:%1$d"}]}}
                  - {name: tight, prefix: /tight, pool: {instances: [{url: "http://127.0.0.1:%1$d"}]}}
                  - {name: dead, prefix: /dead, pool: {instances: [{url: "http://127.0.0.1:1"}]}}
                """.formatted(one.port()));
    }

    @AfterAll
    static void stop() {
        gateway.close();
        one.close();
        Await.result(VERTX.close());
    }

    @BeforeEach
    void clear() {
        one.seen.clear();
    }

    private static HttpResponse<String> ask(String... paths) {
        JsonArray requests = new JsonArray();
        for (String path : paths) {
            requests.add(new JsonObject().put("path", path));
        }
        return gateway.post(
                "/api/aggregate", new JsonObject().put("requests", requests).encode());
    }

    private static JsonArray answers(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return new JsonObject(response.body()).getJsonArray("answers");
    }

    @Test
    void eachPartIsAnsweredForItselfAndOneThatFailsHindersNoOther() {
        HttpResponse<String> response =
                ask("/shop/a?x=1", "/dead/x", "/v1/models", "/nothing", "/api/registry", "/shop/half", "/shop/empty");
        JsonArray answers = answers(response);
        JsonObject shop = answers.getJsonObject(0);
        assertThat(shop.getInteger("status")).isEqualTo(200);
        assertThat(shop.getString("id")).isEqualTo("0");
        assertThat(shop.getJsonObject("body").getString("uri")).isEqualTo("/shop/a?x=1");
        assertThat(shop.getJsonObject("headers").getString("x-request-id"))
                .isEqualTo(header(response, "x-request-id") + ".1");
        assertThat(answers.getJsonObject(1).getInteger("status")).isIn(502, 503);
        assertThat(answers.getJsonObject(1).getJsonObject("body").getString("detail"))
                .isNotBlank();
        assertThat(answers.getJsonObject(2).getJsonObject("body").getJsonArray("data"))
                .isNotEmpty();
        assertThat(answers.getJsonObject(3).getInteger("status")).isEqualTo(404);
        assertThat(answers.getJsonObject(4).getInteger("status")).isEqualTo(404);
        assertThat(answers.getJsonObject(5).getInteger("status")).isEqualTo(502);
        assertThat(answers.getJsonObject(6).getInteger("status")).isEqualTo(204);
    }

    @Test
    void sixteenPartsRunAtOnceUnderTheCallersKey() {
        String[] paths = IntStream.range(0, 16).mapToObj(i -> "/shop/" + i).toArray(String[]::new);
        JsonArray answers = answers(ask(paths));
        assertThat(IntStream.range(0, 16)
                        .mapToObj(i ->
                                answers.getJsonObject(i).getJsonObject("body").getString("uri"))
                        .toList())
                .containsExactly(paths);
        assertThat(one.seen).hasSize(16);
        assertThat(gateway.harness.telemetry().scrape()).contains("route=\"shop\"");
    }

    @Test
    void aPartIsLimitedAndAuthorisedAsIfItHadComeAlone() {
        String body = IntStream.range(0, 3)
                .mapToObj(i -> "{\"path\":\"/tight/x\"}")
                .collect(Collectors.joining(",", "{\"requests\":[", ",{\"path\":\"/staff/x\"}]}"));
        HttpResponse<String> response = gateway.post(
                "/api/aggregate",
                body,
                "Authorization",
                "Bearer " + TestTokens.access("a-secret-for-tests", AccessRole.USER));
        JsonArray answers = answers(response);
        assertThat(IntStream.range(0, 3)
                        .mapToObj(i -> answers.getJsonObject(i).getInteger("status"))
                        .toList())
                .containsExactlyInAnyOrder(200, 200, 429);
        assertThat(answers.getJsonObject(3).getInteger("status")).isEqualTo(403);
        assertThat(one.seen).hasSize(2);
    }

    @Test
    void answersThatAreTooLargeTogetherAreCutAndTheirServersToldToStop() {
        int before = one.aborted.get();
        JsonArray answers = answers(ask("/shop/endless", "/shop/small"));
        assertThat(answers.getJsonObject(0).getInteger("status")).isEqualTo(413);
        assertThat(answers.getJsonObject(0).getString("error")).contains("8388608");
        assertThat(answers.getJsonObject(1).getInteger("status")).isEqualTo(200);
        Await.until("the server is told", () -> one.aborted.get() > before);
    }

    @Test
    void rulesAgainstInjectionHoldForPartsToo() {
        assertThat(answers(ask("/shop/x?q=1'%20OR%20'1'='1")).getJsonObject(0).getInteger("status"))
                .isEqualTo(403);
        assertThat(one.seen).isEmpty();
    }

    @Test
    void partsWithoutAnAnswerInTimeSaySoBesideThoseThatHaveOne() {
        HttpResponse<String> response = gateway.post(
                "/api/aggregate",
                "{\"requests\":[{\"id\":\"slow\",\"path\":\"/shop/stall\"},{\"id\":\"fast\",\"path\":\"/shop/x\"}]}",
                "X-Penstock-Timeout",
                "1.5");
        JsonArray answers = answers(response);
        assertThat(answers.getJsonObject(0).getString("id")).isEqualTo("slow");
        assertThat(answers.getJsonObject(0).getInteger("status")).isEqualTo(504);
        assertThat(answers.getJsonObject(1).getInteger("status")).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"requests\":[]}",
                "{\"requests\":[1]}",
                "{\"requests\":[{\"path\":\"shop\"}]}",
                "{\"requests\":[{\"path\":\"http://elsewhere/\"}]}",
                "{\"requests\":[{\"path\":\"/a b\"}]}",
                "{\"requests\":[{\"path\":\"/a\\r\\nX: y\"}]}",
                "{\"requests\":[{\"path\":\"/a\",\"method\":\"POST\"}]}",
                "{\"requests\":[{\"id\":\"a\",\"path\":\"/a\"},{\"id\":\"a\",\"path\":\"/b\"}]}"
            })
    void refusesWhatIsNoListOfRequests(String body) {
        HttpResponse<String> response = gateway.post("/api/aggregate", body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        assertThat(new JsonObject(response.body()).getString("param")).startsWith("requests");
        String many = IntStream.range(0, 17)
                .mapToObj(i -> "{\"path\":\"/shop/x\"}")
                .collect(Collectors.joining(",", "{\"requests\":[", "]}"));
        assertThat(gateway.post("/api/aggregate", many).statusCode()).isEqualTo(400);
        assertThat(one.seen).isEmpty();
    }
}
