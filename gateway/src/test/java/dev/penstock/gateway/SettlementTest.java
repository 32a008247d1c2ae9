package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Step;
import dev.penstock.gateway.stage.Stage;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.Reply;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever breaks inside, a caller gets one answer, and each request is settled exactly once. */
class SettlementTest {
    private static final int STAGES = 13;
    private static final int RESERVE = 9;
    private static final String CHAT =
            "{\"model\":\"org/chat\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]%s}";

    private static GatewayFixture gateway;
    private static FakeBatching batching;

    private final AtomicInteger over = new AtomicInteger();
    private final AtomicInteger givenBack = new AtomicInteger();
    private final AtomicInteger reserved = new AtomicInteger();

    /** How a stage fails. */
    enum Way {
        AT_ONCE,
        LATER,
        AFTERWARDS
    }

    @BeforeAll
    static void start(@TempDir Path folder) {
        gateway = new GatewayFixture(folder, "");
        batching = gateway.batching();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @BeforeEach
    void clear() {
        batching.leases.clear();
        batching.releases.clear();
    }

    @ParameterizedTest
    @CsvSource({
        "0,AFTERWARDS", "1,AT_ONCE", "1,LATER", "2,AT_ONCE", "2,LATER", "3,AT_ONCE",
        "3,LATER", "4,AT_ONCE", "4,LATER", "5,AT_ONCE", "5,LATER", "6,AT_ONCE",
        "6,LATER", "7,AT_ONCE", "7,LATER", "8,AT_ONCE", "8,LATER", "9,AT_ONCE",
        "9,LATER", "10,AT_ONCE", "10,LATER", "1,AFTERWARDS", "2,AFTERWARDS", "4,AFTERWARDS",
        "9,AFTERWARDS", "11,AT_ONCE"
    })
    void aStageThatFailsIsAnInternalErrorAndNothingIsLeft(int stage, Way way) throws IOException {
        assertThat(exchange(stages(stage, way), CHAT.formatted(""))).startsWith("HTTP/1.1 500");
        nothingIsLeft();
    }

    @Test
    void whatIsDoneAfterTheAnswerMayFailWithoutAnybodyNoticing() throws IOException {
        assertThat(exchange(stages(STAGES, Way.AT_ONCE), CHAT.formatted(""))).startsWith("HTTP/1.1 200");
        nothingIsLeft();
    }

    @ParameterizedTest
    @CsvSource({"'',200", "',\"stream\":true',200", "',\"temperature\":0',200"})
    void aRequestThatGoesWellIsSettledOnceToo(String more, int status) throws IOException {
        assertThat(exchange(stages(-1, Way.AT_ONCE), CHAT.formatted(more))).startsWith("HTTP/1.1 " + status);
        nothingIsLeft();
    }

    @Test
    void aCallWhoseTimeIsSpentIsSettledOnce() throws IOException {
        gateway.model.next(Reply.stall());
        assertThat(exchange(stages(-1, Way.AT_ONCE), CHAT.formatted(""), "X-Penstock-Timeout: 0.3"))
                .startsWith("HTTP/1.1 504");
        nothingIsLeft();
    }

    private String exchange(List<Stage> stages, String body, String... headers) throws IOException {
        Vertx vertx = gateway.harness.context().vertx();
        GatewayPipeline pipeline =
                new GatewayPipeline(stages, gateway.harness.context().ticker());
        HttpServer server = Await.result(vertx.createHttpServer(new HttpServerOptions().setHost("127.0.0.1"))
                .requestHandler(request -> pipeline.run(pipeline.open(request)))
                .listen(0));
        List<String> lines = new ArrayList<>(List.of(headers));
        lines.add("Content-Length: " + body.length());
        try (Wire wire = new Wire(server.actualPort())) {
            wire.send(Wire.head("/v1/chat/completions", lines.toArray(String[]::new)) + body);
            return wire.status();
        } finally {
            Await.until("it is settled", () -> over.get() > 0);
            Await.result(server.close());
        }
    }

    private void nothingIsLeft() {
        assertThat(over).hasValue(1);
        assertThat(givenBack.get()).as("reservations").isEqualTo(reserved.get());
        Await.until("the leases are given back", () -> batching.leases.size() == batching.releases.size());
        assertThat(gateway.harness.telemetry().scrape()).contains("penstock_http_requests_in_flight 0.0");
    }

    private List<Stage> stages(int broken, Way way) {
        List<Stage> stages = new ArrayList<>(gateway.gateway.parts().stages(exchange -> {
            over.incrementAndGet();
            if (broken == STAGES) {
                throw new IllegalStateException("on purpose");
            }
        }));
        assertThat(stages).hasSize(STAGES);
        stages.set(RESERVE, reserving(stages.get(RESERVE)));
        if (broken >= 0 && broken < STAGES) {
            stages.set(broken, failing(stages.get(broken), way));
        }
        return stages;
    }

    private Stage reserving(Stage real) {
        return exchange -> {
            exchange.reserved(used -> {
                throw new IllegalStateException("on purpose: must not keep the next");
            });
            exchange.reserved(used -> givenBack.incrementAndGet());
            reserved.incrementAndGet();
            return real.enter(exchange);
        };
    }

    private static Stage failing(Stage real, Way way) {
        return exchange -> switch (way) {
            case AT_ONCE -> throw new IllegalStateException("on purpose");
            case LATER -> later(exchange);
            case AFTERWARDS -> {
                real.enter(exchange);
                throw new IllegalStateException("on purpose");
            }
        };
    }

    private static Step later(Exchange exchange) {
        Vertx vertx = gateway.harness.context().vertx();
        vertx.runOnContext(now -> exchange.resume(() -> {
            throw new IllegalStateException("on purpose");
        }));
        return Step.LATER;
    }
}
