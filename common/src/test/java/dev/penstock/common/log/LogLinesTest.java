package dev.penstock.common.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.LoggerContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.common.bus.CallContext;
import dev.penstock.common.bus.CallScope;
import dev.penstock.common.time.Deadline;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LogLinesTest {
    private static final String TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private static final Logger log = LoggerFactory.getLogger("dev.penstock.test.Lines");

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @AfterEach
    void quietAgain() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        new QuietStart().configure(context);
    }

    @Test
    void everyLineIsOneJsonObjectWithTheAgreedFields() throws Exception {
        LogSetup setup = LogSetup.configure("info", new JsonEncoder("gateway", "m1"), written);
        log.info("hello {}\nsecond \"line\"", "world");
        log.debug("not this");
        log.atWarn()
                .addKeyValue("route", "/v1/models")
                .addKeyValue("status", 503)
                .log("slow");
        log.error("failed with psk-0123456789", new IllegalStateException("Bearer abcdefgh", new IOException("inner")));
        log.info("broken \ud800 surrogate");
        setup.close();

        List<JsonNode> lines = lines();
        assertThat(lines).hasSize(4);
        JsonNode hello = lines.getFirst();
        assertThat(Instant.parse(hello.get("ts").asText()))
                .isBefore(Instant.now().plusSeconds(1));
        assertThat(hello.get("level").asText()).isEqualTo("INFO");
        assertThat(hello.get("logger").asText()).isEqualTo("dev.penstock.test.Lines");
        assertThat(hello.get("msg").asText()).isEqualTo("hello world\nsecond \"line\"");
        assertThat(hello.get("thread").asText())
                .isEqualTo(Thread.currentThread().getName());
        assertThat(hello.get("service").asText()).isEqualTo("gateway");
        assertThat(hello.get("member").asText()).isEqualTo("m1");
        assertThat(hello.has("correlationId")).isFalse();
        assertThat(lines.get(1).get("status").asInt()).isEqualTo(503);
        JsonNode error = lines.get(2).get("error");
        assertThat(lines.get(2).get("msg").asText()).isEqualTo("failed with psk-****");
        assertThat(error.get("type").asText()).isEqualTo("java.lang.IllegalStateException");
        assertThat(error.get("message").asText()).isEqualTo("Bearer ****");
        assertThat(error.get("stack").asText())
                .contains("Caused by: java.io.IOException: inner")
                .contains("at dev.penstock");
    }

    @Test
    void aLineInsideARequestNamesItsCorrelationAndTrace() throws Exception {
        LogSetup setup = LogSetup.configure("info", new JsonEncoder("gateway", "m1"), written);
        Vertx vertx = Vertx.vertx();
        try {
            CountDownLatch done = new CountDownLatch(1);
            vertx.runOnContext(nothing -> {
                CallScope.enter(new CallContext("req-7", TRACEPARENT, new Deadline(0)));
                log.info("inside");
                done.countDown();
            });
            assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
        } finally {
            vertx.close().await(10, TimeUnit.SECONDS);
        }
        setup.close();
        JsonNode line = lines().getFirst();
        assertThat(line.get("correlationId").asText()).isEqualTo("req-7");
        assertThat(line.get("traceId").asText()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
    }

    @Test
    void textIsReadableAndCannotMoveTheCursor() {
        LogSetup setup = LogSetup.configure("info", new TextEncoder(false), written);
        log.atInfo().addKeyValue("port", 8080).log("listening \u001b[2J");
        setup.close();
        assertThat(written.toString(StandardCharsets.UTF_8))
                .matches("\\d\\d:\\d\\d:\\d\\d\\.\\d{3} INFO  Lines: listening \\?\\[2J port=8080\n");
    }

    @Test
    void aStuckOutputDropsAndCountsAndNeverBlocks() {
        CountDownLatch open = new CountDownLatch(1);
        OutputStream stuck = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                try {
                    open.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
        };
        LogSetup setup = LogSetup.configure("info", new TextEncoder(false), stuck);
        for (int i = 0; i < 10_000; i++) {
            log.info("line {}", i);
        }
        long droppedInfos = setup.dropped();
        log.warn("there is room for this");
        assertThat(droppedInfos).isBetween(3_000L, 4_000L);
        assertThat(setup.dropped()).isEqualTo(droppedInfos);
        open.countDown();
        setup.close();
    }

    @Test
    void levelsChangeWhileItRuns() throws Exception {
        LogSetup setup = LogSetup.configure("warn", new JsonEncoder("gateway", "m1"), written);
        log.info("too quiet");
        LogSetup.level("dev.penstock", "info");
        log.info("loud enough");
        assertThat(LogSetup.level("dev.penstock.test.Lines")).isEqualTo("info");
        setup.close();
        assertThat(lines())
                .singleElement()
                .satisfies(line -> assertThat(line.get("msg").asText()).isEqualTo("loud enough"));
        assertThatThrownBy(() -> LogSetup.level("dev.penstock", "shout")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> LogSetup.level("no.such.logger", "info"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no.such.logger");
    }

    private List<JsonNode> lines() throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        List<JsonNode> nodes = new java.util.ArrayList<>();
        for (String line : written.toString(StandardCharsets.UTF_8).split("\n", -1)) {
            if (!line.isEmpty()) {
                nodes.add(mapper.readTree(line));
            }
        }
        return nodes;
    }
}
