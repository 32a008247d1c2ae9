package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.testkit.Await;
import dev.penstock.testkit.ChildJvm;
import dev.penstock.testkit.ModelServer;
import dev.penstock.testkit.Reply;
import dev.penstock.testkit.ServiceHarness;
import dev.penstock.testkit.TestServers;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 of a gateway in the middle of calls. */
class MoneyKillIT {
    private static final String CHAT = """
            {"model":"chat","messages":[{"role":"user","content":"hi"}],"max_tokens":7}""";

    @TempDir
    Path folder;

    @Test
    void afterAKillTheNextStartHasARecordOfEveryCallThatTheBackendSaw() throws Exception {
        Vertx vertx = Vertx.vertx();
        ModelServer model = Await.result(ModelServer.start(vertx));
        String postgres = TestServers.freshDatabase().url();
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            try (ChildJvm child = ChildJvm.of(MoneyChild.class)
                    .arguments(model.baseUrl(), postgres, folder.toString())
                    .start()) {
                int port = Integer.parseInt(
                        child.awaitLine("port=(\\d+)", Duration.ofSeconds(60)).group(1));
                for (int i = 0; i < 20; i++) {
                    assertThat(client.send(post(port), BodyHandlers.ofString()).statusCode())
                            .isEqualTo(200);
                }
                model.answer(call -> Reply.stall());
                for (int i = 0; i < 10; i++) {
                    var forgotten = client.sendAsync(post(port), BodyHandlers.ofString());
                    assertThat(forgotten).isNotNull();
                }
                Await.until("the calls are under way", Duration.ofSeconds(30), () -> model.calls() == 30);
                child.kill9();
            }
            GatewayService next = new GatewayService();
            try (ServiceHarness harness = MoneyChild.start(model.baseUrl(), postgres, folder, next)) {
                Await.until(
                        "everything is settled",
                        Duration.ofSeconds(30),
                        () -> records(harness).getLong("records") == 30);
                JsonObject found = records(harness);
                assertThat(found.getLong("records"))
                        .as("the backend's own count")
                        .isEqualTo(model.calls());
                assertThat(found.getLong("estimated")).as("what was under way").isEqualTo(10);
                assertThat(found.getLong("recovered")).isEqualTo(10);
                // Nobody counted these: the most that each was allowed to write, at 2 dollars a million.
                assertThat(found.getLong("output")).isEqualTo(10 * 7);
            }
        } finally {
            Await.result(model.close());
            Await.result(vertx.close());
        }
    }

    private static JsonObject records(ServiceHarness harness) {
        Row row = Await.result(harness.context()
                        .postgres()
                        .query(
                                "SELECT count(*), count(*) FILTER (WHERE estimated), count(*) FILTER (WHERE outcome = 'recovered'),"
                                        + " coalesce(sum(output_tokens) FILTER (WHERE outcome = 'recovered'), 0)::bigint"
                                        + " FROM penstock.usage_record",
                                Tuple.tuple()))
                .iterator()
                .next();
        return new JsonObject()
                .put("records", row.getLong(0))
                .put("estimated", row.getLong(1))
                .put("recovered", row.getLong(2))
                .put("output", row.getLong(3));
    }

    private static HttpRequest post(int port) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"))
                .header("Authorization", "Bearer " + GatewayFixture.KEY)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(CHAT))
                .build();
    }
}
