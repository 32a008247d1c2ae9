package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a stream cost, told behind it. */
class CostTrailerTest {
    private static final String BODY = """
            {"model":"org/chat","stream":true,"messages":[{"role":"user","content":"hi"}]}""";

    @TempDir
    Path folder;

    private GatewayFixture gateway;

    @BeforeEach
    void start() {
        gateway = new GatewayFixture(folder, """
                prices:
                  - {model: org/chat, input: 0usd, output: 0usd, request: 0.01usd}
                """);
        gateway.batching();
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void aCallerWhoReadsTrailersLearnsTheCost() throws IOException {
        String answer = stream("TE: trailers");
        assertThat(answer)
                .contains("\r\ntrailer: x-penstock-cost\r\n")
                .endsWith("\r\n0\r\nx-penstock-cost: 0.01\r\n\r\n");
    }

    @Test
    void otherCallersGetNone() throws IOException {
        assertThat(stream("X-Nothing: 1")).endsWith("\r\n0\r\n\r\n").doesNotContain("trailer:");
    }

    private String stream(String line) throws IOException {
        try (Wire wire = new Wire(gateway.port())) {
            wire.send(Wire.head("/v1/chat/completions", "Content-Length: " + BODY.length(), "Connection: close", line))
                    .send(BODY);
            return new String(wire.in().readAllBytes(), StandardCharsets.UTF_8).toLowerCase(Locale.ROOT);
        }
    }
}
