package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.contract.SecurityContract;
import dev.penstock.common.contract.SecurityContract.Kind;
import dev.penstock.common.contract.SecurityContract.SecurityEvent;
import dev.penstock.gateway.auth.AccessRole;
import dev.penstock.gateway.auth.TestTokens;
import dev.penstock.testkit.Await;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Answers of every kind, byte by byte, behind a proxy that terminates TLS: the security headers are on each. */
class SecurityHeadersTest {
    private static final List<SecurityEvent> EVENTS = new CopyOnWriteArrayList<>();

    private static GatewayFixture gateway;

    @BeforeAll
    static void start(@TempDir Path folder) {
        gateway = GatewayFixture.serving(folder, """
                trusted-proxies: [127.0.0.0/8]
                cors: {origins: ["https://app.example.com"]}
                """.indent(2), """
                protection:
                  deny: [198.51.100.0/24]
                limits: [{name: models, per-minute: 1}]
                routes:
                  - name: shop
                    prefix: /shop
                    pool: {instances: [{name: one, url: "http://127.0.0.1:1"}]}
                """, "");
        gateway.batching();
        Await.result(gateway.harness.bus().subscribe(SecurityContract.EVENTS, EVENTS::add));
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "200|GET /health/simple|",
                "200|GET /v1/models/embed|KEY",
                "200|GET /docs|",
                "200|GET /docs/swagger-ui.css|",
                "200|GET /dashboard|",
                "404|GET /nothing|",
                "404|GET /v1/nothing|KEY",
                "404|GET /v1/messages/nothing|KEY",
                "404|GET /api/nothing|KEY",
                "401|GET /v1/models|",
                "401|GET /api/admin/keys|",
                "403|GET /v1/models|X-Forwarded-For: 198.51.100.1",
                "403|GET /v1/messages|X-Forwarded-For: 198.51.100.1",
                "403|GET /shop/x|X-Forwarded-For: 198.51.100.1",
                "403|GET /api/admin/keys|X-Forwarded-For: 198.51.100.1",
                "403|GET /health/simple?x=1+union+select+null,null|",
                "405|GET /v1/embeddings|KEY",
                "405|DELETE /health/simple|",
                "401|GET /api/alerts/stream|UPGRADE",
                "204|OPTIONS /v1/models|PREFLIGHT https://app.example.com",
                "403|OPTIONS /v1/models|PREFLIGHT https://evil.example",
                "400|GET /v1/models|Bad Header: x",
                "400|POST /v1/embeddings|KEY BODY {",
                "413|POST /v1/embeddings|KEY BODY LONG",
                "413|POST /api/auth/login|BODY LONG",
            })
    void everyAnswerHasThem(int status, String line, String more) throws IOException {
        check(status, ask(line, more == null ? "" : more), line.contains("/docs") || line.contains("/dashboard"));
    }

    @Test
    void alsoTooManyRequests() throws IOException {
        String answer = "";
        for (int i = 0; i < 3; i++) {
            answer = ask("GET /v1/models", "USER");
        }
        check(429, answer, false);
        Await.until(
                "it is told who it was",
                () -> EVENTS.stream()
                        .anyMatch(event -> event.kind() == Kind.RATE_LIMITED
                                && !event.subject().isEmpty()
                                && !event.subject().equals("anonymous")));
        assertThat(gateway.harness.telemetry().scrape()).contains("penstock_rate_limited_total{");
    }

    @Test
    void alsoAnErrorOfAModelServerAndOfAService() throws IOException {
        for (String path : new String[] {"POST /v1/chat/completions", "POST /v1/messages", "POST /shop/x"}) {
            String answer = ask(
                    path,
                    "KEY BODY {\"model\":\"endless\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}");
            assertThat(answer).containsPattern("^HTTP/1.1 5\\d\\d");
            check(Integer.parseInt(answer.substring(9, 12)), answer, false);
        }
    }

    @Test
    void alsoABodyThatNeverComes() throws IOException {
        try (Wire wire = new Wire(gateway.port())) {
            wire.send(Wire.head("/v1/embeddings", "X-Forwarded-Proto: https", "Content-Length: 100"));
            check(408, wire.rest(), false);
        }
    }

    @Test
    void refusedFormsAreCountedByStatus() throws IOException {
        ask("POST /v1/embeddings", "KEY BODY {");
        ask("POST /api/auth/login", "BODY LONG");
        Await.until("both are counted", () -> {
            String metrics = gateway.harness.telemetry().scrape();
            return metrics.contains("penstock_validation_rejects_total{status=\"400\"")
                    && metrics.contains("penstock_validation_rejects_total{status=\"413\"");
        });
    }

    private static String ask(String line, String more) throws IOException {
        StringBuilder head = new StringBuilder(line + " HTTP/1.1\r\nHost: x\r\nX-Forwarded-Proto: https\r\n");
        String body = "";
        String rest = more;
        if (rest.startsWith("KEY")) {
            head.append("Authorization: Bearer ").append(GatewayFixture.KEY).append("\r\n");
            rest = rest.substring(3).strip();
        }
        if (rest.equals("USER")) {
            head.append("Authorization: Bearer ")
                    .append(TestTokens.access("a-secret-for-tests", AccessRole.USER))
                    .append("\r\n");
            rest = "";
        }
        if (rest.startsWith("BODY ")) {
            body = rest.endsWith("LONG") ? "x".repeat(70_000) : rest.substring(5);
            head.append("Content-Type: application/json\r\nContent-Length: ")
                    .append(body.length())
                    .append("\r\n");
        } else if (rest.startsWith("PREFLIGHT ")) {
            head.append("Origin: ").append(rest.substring(10)).append("\r\nAccess-Control-Request-Method: GET\r\n");
        } else if (rest.equals("UPGRADE")) {
            head.append(
                    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n");
        } else if (!rest.isEmpty()) {
            head.append(rest).append("\r\n");
        }
        head.append(rest.equals("UPGRADE") ? "Connection: Upgrade\r\n\r\n" : "Connection: close\r\n\r\n");
        try (Wire wire = new Wire(gateway.port())) {
            wire.send(head.toString());
            if (!body.isEmpty()) {
                wire.trySend(body);
            }
            return rest.equals("UPGRADE") ? wire.head() : wire.rest();
        }
    }

    private static void check(int status, String answer, boolean page) {
        int end = answer.indexOf("\r\n\r\n");
        assertThat(end).as(answer).isPositive();
        String head = answer.substring(0, end).toLowerCase(Locale.ROOT);
        assertThat(head).startsWith("http/1.1 " + status);
        assertThat(head)
                .contains("\r\nx-content-type-options: nosniff")
                .contains("\r\nx-frame-options: deny")
                .contains("\r\nreferrer-policy: no-referrer")
                .contains("\r\ncontent-security-policy: default-src 'none'")
                .contains("frame-ancestors 'none'")
                .contains("\r\nx-request-id: ");
        if (status != 400) { // a head that cannot be read does not say either who terminated TLS
            assertThat(head).contains("\r\nstrict-transport-security: max-age=31536000");
        }
        assertThat(head)
                .doesNotContain("unsafe-inline")
                .doesNotContain("unsafe-eval")
                .doesNotContain("\r\nserver:");
        if (page) {
            assertThat(head).contains("script-src 'self'");
        }
    }
}
