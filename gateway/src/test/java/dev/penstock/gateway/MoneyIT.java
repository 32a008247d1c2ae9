package dev.penstock.gateway;

import static dev.penstock.gateway.EmbeddingsTest.header;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.contract.Ack;
import dev.penstock.common.contract.AlertContract;
import dev.penstock.common.service.Role;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.Reply;
import dev.penstock.testkit.TestServers;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What calls cost and what budgets refuse, over two gateways with a real Redis and a real Postgres. */
class MoneyIT {
    /** Every call is priced at one cent and its tokens at nothing, so that a budget is a number of calls. */
    private static final String MONEY = """
            prices:
              - {model: org/chat, input: 0usd, output: 0usd, request: 0.01usd}
              - {model: embed, input: 3usd}
            budgets:
              - {name: last-cents, scope: tag, subject: poor, period: day, limit: 0.07usd}
            """;

    private static final String CHAT = """
            {"model":"org/chat","messages":[{"role":"user","content":"hi"}],"max_tokens":5}""";

    @TempDir
    Path folder;

    private String redis;
    private String postgres;
    private GatewayFixture one;
    private GatewayFixture two;

    @BeforeEach
    void start() {
        redis = TestServers.freshRedis();
        postgres = TestServers.freshDatabase().url();
        one = gateway("one");
        two = gateway("two");
    }

    private GatewayFixture gateway(String name) {
        Path own = folder.resolve(name);
        assertThat(own.toFile().mkdirs()).isTrue();
        GatewayFixture made = new GatewayFixture(own, MONEY + "redis: {url: \"" + redis + "\"}\n", redis, postgres);
        var context = made.harness.context();
        Await.until(
                "the stores answer",
                () -> context.redis().available() && context.postgres().available());
        made.batching();
        return made;
    }

    @AfterEach
    void stop() {
        one.close();
        two.close();
    }

    @Test
    void aHundredCallsAtTheLastCentsOverTwoGatewaysAdmitWhatFitsAndNothingMore() {
        List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            calls.add(one.postLater("/v1/chat/completions", CHAT, "X-Penstock-Tag", "poor"));
            calls.add(two.postLater("/v1/chat/completions", CHAT, "X-Penstock-Tag", "poor"));
        }
        List<HttpResponse<String>> answers =
                calls.stream().map(CompletableFuture::join).toList();

        assertThat(answers.stream().filter(answer -> answer.statusCode() == 200))
                .hasSize(7);
        assertThat(one.model.calls() + two.model.calls())
                .as("refused before the call")
                .isEqualTo(7);
        HttpResponse<String> refused = answers.stream()
                .filter(answer -> answer.statusCode() != 200)
                .findFirst()
                .orElseThrow();
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(header(refused, "x-should-retry")).isEqualTo("false");
        assertThat(new JsonObject(refused.body()).getJsonObject("error").getString("code"))
                .isEqualTo("insufficient_quota");
        assertThat(one.post("/v1/chat/completions", CHAT).statusCode())
                .as("nobody else's budget")
                .isEqualTo(200);
    }

    @Test
    void whatIsRecordedIsWhatTheBackendsWereAskedForToTheNanoDollar() {
        one.model.next(Reply.error(503, "overloaded", "Not now."));
        HttpResponse<String> chat =
                one.post("/v1/chat/completions", CHAT, "X-Penstock-Tag", "a,b", "X-Request-ID", "request-1");
        assertThat(chat.statusCode()).as(chat.body()).isEqualTo(200);
        assertThat(header(chat, "x-penstock-cost")).isEqualTo("0.01");
        two.post("/v1/chat/completions", CHAT);
        HttpResponse<String> vectors = two.embed("{\"model\":\"embed\",\"input\":[\"x\",\"y\"]}");
        assertThat(header(vectors, "x-penstock-cost")).isEqualTo("0.000018");
        Await.until(
                "the other gateway's records are there",
                () -> json(one.get("/api/cost")).getJsonObject("total").getLong("records") == 4);

        JsonObject report = json(one.get("/api/cost?group=tag"));
        JsonObject total = report.getJsonObject("total");
        assertThat(total.getLong("cost_nanos")).isEqualTo(20_018_000L);
        assertThat(total.getLong("calls")).isEqualTo(one.model.calls() + two.model.calls() + 1L);
        assertThat(names(report)).containsExactlyInAnyOrder("untagged", "a", "b");
        assertThat(cost(report, "untagged")).isEqualTo(10_018_000L);
        assertThat(cost(report, "a")).isEqualTo(10_000_000L);

        JsonObject request = json(one.get("/api/cost/requests/request-1"));
        assertThat(request.getString("cost_usd")).isEqualTo("0.01");
        assertThat(request.getJsonArray("attempts")).hasSize(2);
        HttpResponse<String> csv = one.get("/api/cost?group=model", "Accept", "text/csv");
        assertThat(csv.body()).contains("\"org/chat\",3,3,20000000,0.02,0,0,");
    }

    @Test
    void aModelWithoutAPriceIsUnknownAndCountedAsUnpriced() {
        Path own = folder.resolve("bare");
        assertThat(own.toFile().mkdirs()).isTrue();
        GatewayFixture bare = new GatewayFixture(own, "", redis, postgres);
        try {
            bare.batching();
            assertThat(header(bare.post("/v1/chat/completions", CHAT), "x-penstock-cost"))
                    .isEqualTo("unknown");
            Await.until(
                    "Postgres answers", () -> bare.harness.context().postgres().available());
            JsonObject total = json(bare.get("/api/cost")).getJsonObject("total");
            assertThat(total.getLong("unpriced")).isEqualTo(1);
            assertThat(total.getValue("cost_nanos")).isNull();
        } finally {
            bare.close();
        }
    }

    @Test
    void anEmptiedRedisIsFilledFromPostgresAndThresholdsAreTold() {
        List<AlertContract.Condition> conditions = new CopyOnWriteArrayList<>();
        Await.result(one.harness.bus().serve(AlertContract.OBSERVE, (condition, call) -> {
            conditions.add(condition);
            return Future.succeededFuture(Ack.OK);
        }));
        one.harness.context().membership().announce(Role.ALERT);
        for (int i = 0; i < 6; i++) {
            assertThat(one.post("/v1/chat/completions", CHAT, "X-Penstock-Tag", "poor")
                            .statusCode())
                    .isEqualTo(200);
        }
        Await.until(
                "the usage is in Postgres",
                () -> json(one.get("/api/cost")).getJsonObject("total").getLong("records") == 6);
        Await.result(one.harness.context().redis().send(Command.FLUSHDB));

        assertThat(two.post("/v1/chat/completions", CHAT, "X-Penstock-Tag", "poor")
                        .statusCode())
                .isEqualTo(200);
        assertThat(two.post("/v1/chat/completions", CHAT, "X-Penstock-Tag", "poor")
                        .statusCode())
                .isEqualTo(429);
        assertThat(one.post("/v1/chat/completions", CHAT, "X-Penstock-Tag", "poor")
                        .statusCode())
                .isEqualTo(429);
        for (String percent : List.of("50", "80", "100")) {
            Await.until(
                    "the threshold is told: " + percent,
                    Duration.ofSeconds(20),
                    () -> conditions.stream()
                            .anyMatch(condition -> condition.active()
                                    && percent.equals(condition.labels().get("threshold"))));
        }
    }

    @Test
    void budgetsOfTheApiHoldOnAllGatewaysAndThoseOfTheFileAreTheFiles() {
        String limit = "{\"name\":\"mine\",\"scope\":\"tag\",\"subject\":\"t\",\"limit\":\"0.01usd\"}";
        assertThat(one.post("/api/admin/budgets", limit).statusCode()).isEqualTo(201);
        assertThat(one.post("/api/admin/budgets", limit).statusCode()).isEqualTo(409);
        assertThat(one.post("/api/admin/budgets", limit.replace("mine", "last-cents"))
                        .statusCode())
                .isEqualTo(409);
        Await.until(
                "the other gateway knows",
                () -> two.get("/api/admin/budgets/mine").statusCode() == 200);
        assertThat(two.post("/v1/chat/completions", CHAT, "X-Penstock-Tag", "t").statusCode())
                .isEqualTo(200);
        assertThat(one.post("/v1/chat/completions", CHAT, "X-Penstock-Tag", "t").statusCode())
                .isEqualTo(429);
        JsonObject shown = json(one.get("/api/admin/budgets/mine"));
        assertThat(shown.getLong("spent_nanos")).isEqualTo(10_000_000L);
        assertThat(shown.getLong("left_nanos")).isZero();
    }

    private static JsonObject json(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return new JsonObject(answer.body());
    }

    private static List<String> names(JsonObject report) {
        JsonArray groups = report.getJsonArray("groups");
        return groups.stream()
                .map(each -> ((JsonObject) each).getString("name"))
                .toList();
    }

    private static Long cost(JsonObject report, String name) {
        return report.getJsonArray("groups").stream()
                .map(JsonObject.class::cast)
                .filter(each -> name.equals(each.getString("name")))
                .findFirst()
                .orElseThrow()
                .getLong("cost_nanos");
    }
}
