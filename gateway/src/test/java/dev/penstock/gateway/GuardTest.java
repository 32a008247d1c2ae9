package dev.penstock.gateway;

import static dev.penstock.gateway.EmbeddingsTest.header;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.contract.SecurityContract;
import dev.penstock.common.contract.SecurityContract.Kind;
import dev.penstock.common.contract.SecurityContract.SecurityEvent;
import dev.penstock.testkit.Await;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A gateway behind a trusted proxy on loopback, which lets each test call from addresses of its own. */
class GuardTest {
    private static final String BAD_KEY = "Bearer psk-wrongwrongwrongwrongwrongwrongwrongwrong";
    private static final List<SecurityEvent> EVENTS = new CopyOnWriteArrayList<>();

    private static GatewayFixture gateway;

    @BeforeAll
    static void start(@TempDir Path folder) {
        gateway = GatewayFixture.serving(folder, """
                trusted-proxies: [127.0.0.0/8]
                cors:
                  origins: ["https://app.example.com"]
                  credentials: true
                """.indent(2), """
                protection:
                  exempt: []
                  deny: [198.51.100.0/24]
                  rules:
                    exceptions: [{path: /health, sql: log}]
                """, "");
        Await.result(gateway.harness.bus().subscribe(SecurityContract.EVENTS, EVENTS::add));
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    private static HttpResponse<String> from(String address, String path, String... headers) {
        String[] all = new String[headers.length + 2];
        all[0] = "X-Forwarded-For";
        all[1] = address;
        System.arraycopy(headers, 0, all, 2, headers.length);
        return gateway.get(path, all);
    }

    private static String metrics() {
        return gateway.harness.telemetry().scrape();
    }

    private static void blocked(String address) {
        Await.until(address + " is blocked", () -> from(address, "/v1/models").statusCode() == 403);
    }

    private static boolean told(Kind kind, String address) {
        return EVENTS.stream()
                .anyMatch(event -> event.kind() == kind && event.address().equals(address));
    }

    @Test
    void tenBadKeysBlockTheirAddressAndNoOther() {
        for (int i = 0; i < 10; i++) {
            assertThat(from("203.0.113.1", "/v1/models", "Authorization", BAD_KEY)
                            .statusCode())
                    .isEqualTo(401);
        }
        blocked("203.0.113.1");
        HttpResponse<String> refused = from("203.0.113.1", "/v1/models");
        assertThat(new JsonObject(refused.body()).getJsonObject("error").getString("code"))
                .isEqualTo("permission_denied");
        assertThat(header(refused, "x-request-id")).isNotEmpty();
        assertThat(from("203.0.113.2", "/v1/models").statusCode()).isEqualTo(200);
        Await.until("it is told", () -> told(Kind.ADDRESS_BLOCKED, "203.0.113.1"));
        assertThat(metrics())
                .contains("penstock_address_blocks_total{reason=\"failures\"")
                .contains("penstock_guard_refusals_total{reason=\"blocked\"");
    }

    @Test
    void aScanBlocksItsAddressAndHonestNotFoundsDoNot() {
        for (String path : List.of("/.env", "/wp-login.php", "/.git/config", "/phpmyadmin/", "/cgi-bin/x")) {
            assertThat(from("203.0.113.3", path).statusCode()).isEqualTo(404);
        }
        blocked("203.0.113.3");
        Await.until("it is told", () -> told(Kind.SCAN_DETECTED, "203.0.113.3"));
        for (int i = 0; i < 50; i++) {
            from("203.0.113.4", "/v1/models/unknown-" + i);
            from("203.0.113.4", "/favicon.ico");
        }
        assertThat(from("203.0.113.4", "/v1/models").statusCode()).isEqualTo(200);
    }

    @Test
    void anAdministratorBlocksAndLiftsAlsoNetworks() {
        String key = "Bearer " + GatewayFixture.KEY;
        HttpResponse<String> made =
                gateway.send(gateway.request("/api/admin/blocks", "Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(
                                "{\"address\":\"192.0.2.0/24\",\"seconds\":60,\"reason\":\"<b>test</b>\"}"))
                        .build());
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        blocked("192.0.2.77");
        assertThat(from("203.0.113.5", "/api/admin/blocks", "Authorization", key)
                        .body())
                .contains("192.0.2.0/24");
        HttpResponse<String> lifted = gateway.send(gateway.request("/api/admin/blocks?address=192.0.2.0/24")
                .DELETE()
                .build());
        assertThat(lifted.statusCode()).isEqualTo(204);
        Await.until("it is lifted", () -> from("192.0.2.77", "/v1/models").statusCode() == 200);
        HttpResponse<String> wrong =
                gateway.send(gateway.request("/api/admin/blocks", "Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{\"address\":\"everybody\"}"))
                        .build());
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(wrong.body()).contains("\"param\":\"address\"");
    }

    @Test
    void deniedNetworksAndWholeSubscribersOfIpv6AreRefused() {
        assertThat(from("198.51.100.9", "/health/simple").statusCode()).isEqualTo(403);
        for (int i = 0; i < 10; i++) {
            from("2001:db8:5:6::" + i, "/v1/models", "Authorization", BAD_KEY);
        }
        blocked("2001:db8:5:6:ffff::1");
        assertThat(from("2001:db8:5:7::1", "/v1/models").statusCode()).isEqualTo(200);
    }

    @Test
    void aRuleRefusesAndTellsAndAnExceptionLetsPass() {
        HttpResponse<String> refused = from("203.0.113.8", "/v1/models?x=1+union+select+null,null");
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("sql");
        Await.until("it is told", () -> told(Kind.REQUEST_SUSPICIOUS, "203.0.113.8"));
        assertThat(from("203.0.113.9", "/health/simple?x=1+union+select+null,null")
                        .statusCode())
                .isEqualTo(200);
        assertThat(metrics())
                .contains("penstock_rule_hits_total{action=\"block\",class=\"sql\"")
                .contains("penstock_rule_hits_total{action=\"log\",class=\"sql\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/models", "/v1/nothing", "/api/auth/session", "/nothing", "/health/simple"})
    void pagesOfAnAllowedOriginReadAnswersAndErrorsAndOthersDoNot(String path) {
        HttpResponse<String> allowed = from("203.0.113.10", path, "Origin", "https://app.example.com");
        assertThat(header(allowed, "access-control-allow-origin")).isEqualTo("https://app.example.com");
        assertThat(header(allowed, "access-control-allow-credentials")).isEqualTo("true");
        assertThat(header(allowed, "access-control-expose-headers"))
                .contains("x-request-id", "x-ratelimit-reset-tokens");
        assertThat(header(allowed, "vary")).contains("Origin");
        HttpResponse<String> other = from("203.0.113.10", path, "Origin", "https://evil.example");
        assertThat(other.headers().firstValue("access-control-allow-origin")).isEmpty();
        assertThat(other.headers().firstValue("access-control-allow-credentials"))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "https://app.example.com,POST,authorization,204",
        "https://app.example.com,POST,'Authorization, X-Stainless-Lang',204",
        "https://app.example.com,TRACE,authorization,403",
        "https://app.example.com,POST,x-evil,403",
        "https://evil.example,POST,authorization,403",
    })
    void aBrowsersQuestionIsAnsweredWithoutAKey(String origin, String method, String headers, int status)
            throws IOException {
        try (Wire wire = new Wire(gateway.port())) {
            wire.send("OPTIONS /v1/chat/completions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nOrigin: " + origin
                    + "\r\nAccess-Control-Request-Method: " + method + "\r\nAccess-Control-Request-Headers: " + headers
                    + "\r\n\r\n");
            String answer = wire.rest();
            assertThat(answer).startsWith("HTTP/1.1 " + status).contains("x-content-type-options: nosniff");
            assertThat(answer.contains("access-control-allow-origin")).isEqualTo(status == 204);
            assertThat(answer.contains("access-control-allow-methods")).isEqualTo(status == 204);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /v1/models HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n",
                "POST /v1/embeddings HTTP/1.1\r\nHost: x\r\nContent-Type: a/b\r\nContent-Type: c/d\r\nContent-Length: 0\r\n\r\n",
                "GET /v1/models HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
                "GET /v1/models HTTP/1.1\r\nHost: x\r\nA b: c\r\n\r\n",
                "GET /v1/models HTTP/1.1\r\nHost: x\r\nX-A : c\r\n\r\n",
                "POST /v1/embeddings HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
                "GET  /v1/models HTTP/1.1 x\r\nHost: x\r\n\r\n",
            })
    void ambiguousHeadsAreRefusedInFullFormAndTheConnectionEnds(String request) throws IOException {
        try (Wire wire = new Wire(gateway.port())) {
            wire.trySend(request);
            String answer = wire.rest();
            assertThat(answer).containsPattern("^HTTP/1[.][01] 400").contains("x-content-type-options: nosniff");
            assertThat(answer)
                    .contains("content-security-policy")
                    .contains("x-request-id")
                    // Whose path cannot be read gets the general form.
                    .containsAnyOf("\"message\"", "\"detail\"");
        }
    }

    @Test
    void aRequestHiddenInTheBodyOfAnotherIsNotAnswered() throws IOException {
        try (Wire wire = new Wire(gateway.port())) {
            wire.send(
                    "POST /v1/embeddings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60\r\n"
                            + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                            + "0\r\n\r\nGET /v1/models HTTP/1.1\r\nHost: x\r\nX: y\r\n\r\n");
            assertThat(wire.rest().split("HTTP/1.1 ", -1)).hasSize(2);
        }
    }

    @Test
    void theAddressOfAnUntrustedPeerIsItsOwnWhateverItSays(@TempDir Path folder) {
        try (GatewayFixture plain =
                GatewayFixture.serving(folder, "", "protection: {exempt: [], block: {failures: 3}}\n", "")) {
            for (int i = 0; i < 3; i++) {
                plain.get("/v1/models", "Authorization", BAD_KEY, "X-Forwarded-For", "9.9.9." + i);
            }
            Await.until("it is blocked", () -> plain.get("/v1/models").statusCode() == 403);
        }
    }
}
