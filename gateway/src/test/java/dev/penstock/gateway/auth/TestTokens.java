package dev.penstock.gateway.auth;

import dev.penstock.gateway.auth.policy.SecretRing;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Access tokens as a gateway with that secret makes them, for tests that have no Postgres to sign in against. */
public final class TestTokens {
    private TestTokens() {}

    public static String access(String secret, AccessRole role) {
        return access(secret, role, Instant.now(), Duration.ofMinutes(5));
    }

    static String access(String secret, AccessRole role, Instant from, Duration life) {
        Principal principal = OwnTokens.principal("usr_" + role.label(), role.label(), role, "red", "ses_test");
        return tokens(secret).issue(OwnTokens.Use.ACCESS, principal, from, life);
    }

    static OwnTokens tokens(String... secrets) {
        List<byte[]> bytes = List.of(secrets).stream()
                .map(secret -> secret.getBytes(StandardCharsets.UTF_8))
                .toList();
        return new OwnTokens(SecretRing.derived(bytes, "tokens"));
    }
}
