package dev.penstock.gateway.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.common.contract.Priority;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.unit.Bytes;
import dev.penstock.gateway.auth.policy.Hmac;
import dev.penstock.gateway.auth.policy.Origins;
import dev.penstock.gateway.auth.policy.SessionToken;
import dev.penstock.gateway.auth.policy.Standing;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.ServiceHarness;
import io.vertx.core.http.HttpServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyAuthenticatorTest {
    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private final FakeKeys keys = new FakeKeys();
    private ServiceHarness harness;
    private Auth auth;
    private HttpServer server;

    @BeforeEach
    void start() {
        harness = ServiceHarness.bare(
                "auth: {refresh: 100ms, max-stale: 1s, secret: of-the-test, admin-key: psk-first}", folder);
        auth = keys.auth(harness.context(), Clock.systemUTC());
        server = Await.result(harness.context()
                .vertx()
                .createHttpServer()
                .requestHandler(request -> {
                    int status = switch (auth.authenticator().authenticate(request)) {
                        case AuthResult.Authenticated ok -> 200;
                        case AuthResult.Rejected rejected -> rejected.fault().status();
                    };
                    request.response().setStatusCode(status).end();
                })
                .listen(0, "127.0.0.1"));
    }

    @AfterEach
    void stop() {
        auth.stop();
        harness.close();
    }

    @Test
    void beforeAnyReadOnlyTheFirstAdminKeyWorksAndOthersAreToldToComeBack() throws Exception {
        keys.up(false);
        Await.result(auth.start());
        assertThat(status("psk-first")).isEqualTo(200);
        assertThat(status("psk-unknown")).isEqualTo(503);
        assertThat(folder).as("nothing is made up here").isEmptyDirectory();
        keys.up(true);
        Await.until("keys are read", () -> status("psk-unknown") == 401);
    }

    @Test
    void thereIsNoStartWithoutASecretAndNoFirstAdminWithoutAKey() {
        try (ServiceHarness bare = ServiceHarness.bare("", folder)) {
            assertThatThrownBy(() -> keys.auth(bare.context(), Clock.systemUTC()))
                    .hasMessageContaining("auth.secret");
        }
        try (ServiceHarness keyless = ServiceHarness.bare("auth: {secret: s}", folder)) {
            Auth none = keys.auth(keyless.context(), Clock.systemUTC());
            assertThat(none.keys()).isNotNull();
        }
    }

    @Test
    void knownKeysOutliveTheStoreButNotForever() {
        Await.result(auth.start());
        String key = create().key();
        assertThat(status(key)).isEqualTo(200);
        keys.up(false);
        assertThat(status(key)).isEqualTo(200);
        assertThat(status("psk-unknown")).isEqualTo(503);
        Await.until("trust has run out", () -> status(key) == 503);
        keys.up(true);
        Await.until("trust is back", () -> status(key) == 200);
    }

    @Test
    void aKeyThatAnotherGatewayEndedStopsWorkingHere() {
        Await.result(auth.start());
        KeyAdmin.Created created = create();
        assertThat(status(created.key())).isEqualTo(200);
        Await.result(keys.revoke(created.record().id()));
        Await.until("the key is refused", () -> status(created.key()) == 401);
    }

    @Test
    void aSessionIsBoundToItsSecretItsKeyAndItsTime() {
        var tokens = new SessionToken(Hmac.derived("s".getBytes(StandardCharsets.UTF_8), "sessions"));
        Bytes hash = Bytes.of("hash");
        var claim = SessionToken.parse(tokens.issue("key_1", hash, 1000)).orElseThrow();
        assertThat(tokens.signedFor(claim, hash)).isTrue();
        assertThat(tokens.signedFor(claim, Bytes.of("other"))).isFalse();
        assertThat(tokens.signedFor(new SessionToken.Claim("key_2", 1000, claim.signature()), hash))
                .isFalse();
        assertThat(tokens.signedFor(new SessionToken.Claim("key_1", 1001, claim.signature()), hash))
                .isFalse();
        assertThat(claim.expired(999)).isFalse();
        assertThat(claim.expired(1000)).isTrue();
        assertThat(SessionToken.parse("v1.x")).isEmpty();
    }

    @Test
    void standingFallsWithAge() {
        Duration current = Duration.ofSeconds(3);
        Duration stale = Duration.ofMinutes(15);
        long minute = Duration.ofMinutes(1).toNanos();
        assertThat(Standing.of(new Standing.Evidence(false, true, 0, 0), current, stale))
                .isEqualTo(Standing.UNKNOWN);
        assertThat(Standing.of(new Standing.Evidence(true, true, 1, 1), current, stale))
                .isEqualTo(Standing.CURRENT);
        assertThat(Standing.of(new Standing.Evidence(true, false, 1, 1), current, stale))
                .isEqualTo(Standing.TRUSTED);
        assertThat(Standing.of(new Standing.Evidence(true, false, 60 * minute, minute), current, stale))
                .isEqualTo(Standing.TRUSTED);
        assertThat(Standing.of(new Standing.Evidence(true, false, 60 * minute, 16 * minute), current, stale))
                .isEqualTo(Standing.EXPIRED);
    }

    @Test
    void originsAreTheSameHostOrNamed() {
        List<String> allowed = List.of("https://console.example.com");
        assertThat(Origins.permits("http://a:8080", "a:8080", allowed)).isTrue();
        assertThat(Origins.permits("https://a", "a:443", allowed)).isTrue();
        assertThat(Origins.permits("https://CONSOLE.example.com", "a", allowed)).isTrue();
        assertThat(Origins.permits("http://b:8080", "a:8080", allowed)).isFalse();
        assertThat(Origins.permits("http://a:8081", "a:8080", allowed)).isFalse();
        assertThat(Origins.permits("null", "a", allowed)).isFalse();
        assertThat(Origins.permits(null, "a", allowed)).isFalse();
    }

    private KeyAdmin.Created create() {
        var wish = new KeyAdmin.Wish("k", AccessRole.USER, null, false, Priority.NORMAL);
        return Await.result(auth.keys().create(wish, new Caller("key_test", "127.0.0.1", harness.call())));
    }

    private int status(String key) {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.actualPort() + "/"))
                .header("Authorization", "Bearer " + key)
                .build();
        try {
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(FaultCode.INTERNAL.name(), e);
        }
    }
}
