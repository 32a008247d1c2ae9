package dev.penstock.gateway;

import static dev.penstock.gateway.EmbeddingsTest.header;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.testkit.Reply;
import io.vertx.core.Vertx;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The parts of {@code Server-Timing} add up to its total, and the total is time that really passed. */
class ServerTimingTest {
    private static final Pattern PART = Pattern.compile("([a-z]+);dur=([0-9.]+)");
    private static final double MILLI = 1.0;
    private static final String CHAT =
            "{\"model\":\"org/chat\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]%s}";

    @TempDir
    Path folder;

    private final Vertx vertx = Vertx.vertx();
    private Upstream upstream;
    private GatewayFixture gateway;

    @BeforeEach
    void start() {
        upstream = new Upstream(vertx, "one");
        gateway = new GatewayFixture(
                folder,
                "routes: [{name: shop, prefix: /shop, pool: {instances: [{name: one, url: \"http://127.0.0.1:"
                        + upstream.port() + "\"}]}}]\n");
        gateway.batching();
        gateway.cache();
    }

    @AfterEach
    void stop() {
        gateway.close();
        upstream.close();
        vertx.close();
    }

    @Test
    void addsUpOnEveryKindOfAnswer() {
        String embed = "{\"model\":\"embed\",\"input\":\"same\"}";
        Map<String, Supplier<HttpResponse<String>>> kinds = new LinkedHashMap<>();
        kinds.put("miss", () -> gateway.embed(embed));
        kinds.put("hit", () -> gateway.embed(embed));
        kinds.put("chat", () -> gateway.post("/v1/chat/completions", CHAT.formatted("")));
        kinds.put("kept chat", () -> gateway.post("/v1/chat/completions", CHAT.formatted(",\"temperature\":0")));
        kinds.put("stream", () -> gateway.post("/v1/chat/completions", CHAT.formatted(",\"stream\":true")));
        kinds.put(
                "messages",
                () -> gateway.post(
                        "/v1/messages",
                        "{\"model\":\"org/chat\",\"max_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}"));
        kinds.put("models", () -> gateway.get("/v1/models"));
        kinds.put("no key", () -> gateway.get("/v1/models", "Authorization", "Bearer wrong"));
        kinds.put("bad body", () -> gateway.embed("{"));
        kinds.put("no model", () -> gateway.embed("{\"model\":\"nope\",\"input\":\"a\"}"));
        kinds.put("no path", () -> gateway.get("/v1/nothing"));
        kinds.put("poison", () -> gateway.embed("{\"model\":\"embed\",\"input\":\"poison\"}"));
        kinds.put("route", () -> gateway.get("/shop/x"));
        kinds.put("route with a body", () -> gateway.post("/shop/x", "{}"));
        kinds.put("route refused", () -> gateway.get("/shop/x", "Authorization", "Bearer wrong"));
        kinds.put("route without a body", () -> gateway.get("/shop/empty"));
        kinds.forEach((name, call) -> {
            long start = System.nanoTime();
            HttpResponse<String> answer = call.get();
            double passed = (System.nanoTime() - start) / 1e6;
            Map<String, Double> parts = parts(answer);
            double total = parts.remove("total");
            double sum = parts.values().stream().mapToDouble(each -> each).sum();
            assertThat(Math.abs(sum - total)).as(name + ": " + parts).isLessThan(MILLI);
            assertThat(total).as(name).isLessThanOrEqualTo(passed);
        });
    }

    @Test
    void whatTheModelTookIsTheModels() {
        gateway.model.next(Reply.sandbox().after(Duration.ofMillis(250)));
        Map<String, Double> whole = parts(gateway.post("/v1/chat/completions", CHAT.formatted("")));
        assertThat(whole.get("upstream")).isGreaterThan(240);
        assertThat(whole.get("total")).isGreaterThan(240);
    }

    private static Map<String, Double> parts(HttpResponse<String> answer) {
        String text = header(answer, "server-timing");
        assertThat(text).as(answer.statusCode() + " " + answer.body()).isNotEmpty();
        Map<String, Double> parts = new LinkedHashMap<>();
        Matcher part = PART.matcher(text);
        while (part.find()) {
            parts.put(part.group(1), Double.parseDouble(part.group(2)));
        }
        assertThat(parts).containsKey("total");
        return parts;
    }
}
