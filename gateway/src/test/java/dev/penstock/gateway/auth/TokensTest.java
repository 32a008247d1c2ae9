package dev.penstock.gateway.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.penstock.gateway.auth.TokenVerifier.Verdict;
import dev.penstock.gateway.auth.policy.RefreshToken;
import dev.penstock.gateway.auth.policy.SecretRing;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Which tokens are good, and what those that are not are told. */
class TokensTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final Duration LIFE = Duration.ofMinutes(15);
    private static final String SECRET = "the-secret";

    private final OwnTokens tokens = TestTokens.tokens(SECRET);

    @Test
    void aTokenSaysWhoItsUserIs() {
        Verdict verdict = verify(access(SECRET), NOW);
        assertThat(verdict).isInstanceOf(Verdict.Good.class);
        Verdict.Good good = (Verdict.Good) verdict;
        assertThat(good.principal().user()).isEqualTo("usr_analyst");
        assertThat(good.principal().role()).isEqualTo(AccessRole.ANALYST);
        assertThat(good.principal().tenant()).isEqualTo("team:red");
        assertThat(good.principal().session()).isEqualTo("ses_test");
        assertThat(good.expiresAt()).isEqualTo(NOW.plus(LIFE));
    }

    @Test
    void aTokenIsGoodFromItsBeginToItsEndAndSaysWhichIsMissed() {
        String token = access(SECRET);
        assertThat(verify(token, NOW.plus(LIFE).minusMillis(1))).isInstanceOf(Verdict.Good.class);
        assertThat(reason(verify(token, NOW.plus(LIFE)))).isEqualTo("token_expired");
        assertThat(verify(token, NOW.minusSeconds(30))).isInstanceOf(Verdict.Good.class);
        assertThat(reason(verify(token, NOW.minusSeconds(31)))).isEqualTo("token_early");
    }

    @Test
    void aTokenOfAnotherSecretIsRefusedAndOneOfAPreviousSecretIsNot() {
        assertThat(reason(verify(access("another"), NOW))).isEqualTo("token_key");
        OwnTokens after = TestTokens.tokens("new", SECRET);
        assertThat(after.verify(access(SECRET), OwnTokens.ISSUER, NOW)).isInstanceOf(Verdict.Good.class);
        assertThat(reason(verify(access("new"), NOW))).isEqualTo("token_key");
    }

    @Test
    void whatWasChangedAfterSigningIsRefused() {
        String token = access(SECRET);
        int at = token.indexOf('.') + 10;
        String changed = token.substring(0, at) + (token.charAt(at) == 'A' ? 'B' : 'A') + token.substring(at + 1);
        assertThat(reason(verify(changed, NOW))).isIn("token_signature", "token_malformed");
        String last = token.substring(0, token.length() - 4) + "AAAA";
        assertThat(reason(verify(last, NOW))).isEqualTo("token_signature");
        assertThat(reason(verify(token.substring(0, token.lastIndexOf('.') + 1), NOW)))
                .isIn("token_signature", "token_malformed");
    }

    @Test
    void onlyOurOneAlgorithmIsTaken() throws Exception {
        assertThat(reason(verify(new PlainJWT(claims()).serialize(), NOW))).isEqualTo("token_malformed");
        SecretRing.Entry entry = ring(SECRET).current();
        byte[] key = new byte[64];
        System.arraycopy(entry.secret().unsafeArray(), 0, key, 0, 32);
        SignedJWT longer = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS512)
                        .keyID(entry.id())
                        .type(new JOSEObjectType("at+jwt"))
                        .build(),
                claims());
        longer.sign(new MACSigner(key));
        assertThat(reason(verify(longer.serialize(), NOW))).isEqualTo("token_algorithm");
    }

    @Test
    void aCookieIsNoBearerAndABearerNoCookie() {
        Principal principal = OwnTokens.principal("usr_1", "ann", AccessRole.USER, null, "ses_1");
        String cookie = tokens.issue(OwnTokens.Use.COOKIE, principal, NOW, LIFE);
        assertThat(tokens.verify(OwnTokens.Use.COOKIE, cookie, NOW)).isInstanceOf(Verdict.Good.class);
        assertThat(reason(verify(cookie, NOW))).isEqualTo("token_use");
        assertThat(reason(tokens.verify(OwnTokens.Use.COOKIE, access(SECRET), NOW)))
                .isEqualTo("token_use");
    }

    @Test
    void whatLacksAClaimIsRefused() throws Exception {
        SecretRing.Entry entry = ring(SECRET).current();
        SignedJWT bare = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256)
                        .keyID(entry.id())
                        .type(new JOSEObjectType("at+jwt"))
                        .build(),
                claims());
        bare.sign(new MACSigner(entry.secret().unsafeArray()));
        assertThat(reason(verify(bare.serialize(), NOW))).isEqualTo("token_malformed");
    }

    @Test
    void aTokenOfAnotherIssuerIsSomebodyElses() {
        assertThat(tokens.verify(access(SECRET), "https://id.example.com", NOW)).isNull();
    }

    @Test
    void onlyThreePartsThatBeginLikeAHeaderAreAToken() {
        assertThat(TokenAuthenticator.looksLikeOne(access(SECRET))).isTrue();
        assertThat(TokenAuthenticator.looksLikeOne("eyJhbGciOiJub25lIn0.e30.")).isTrue();
        assertThat(TokenAuthenticator.looksLikeOne("psk-abc")).isFalse();
        assertThat(TokenAuthenticator.looksLikeOne("eyJ.a.b.c.d")).isFalse();
        assertThat(TokenAuthenticator.looksLikeOne("v1.key_1.5.sig")).isFalse();
    }

    @Test
    void aRefreshTokenIsOursInEveryPartOrNotAtAll() {
        RefreshToken ours = new RefreshToken(ring(SECRET));
        RefreshToken.Claim claim = new RefreshToken.Claim("ses_1", 7);
        String token = ours.issue(claim);
        assertThat(ours.verify(token)).isEqualTo(claim);
        assertThat(ours.verify(token.replace(".7.", ".8."))).isNull();
        assertThat(ours.verify(token.replace("ses_1", "ses_2"))).isNull();
        assertThat(ours.verify(token + "x")).isNull();
        assertThat(ours.verify("psr-ses_1.7")).isNull();
        assertThat(new RefreshToken(ring("another")).verify(token)).isNull();
        assertThat(new RefreshToken(ring("new", SECRET)).verify(token)).isEqualTo(claim);
    }

    private static SecretRing ring(String... secrets) {
        return SecretRing.derived(
                List.of(secrets).stream()
                        .map(secret -> secret.getBytes(StandardCharsets.UTF_8))
                        .toList(),
                "tokens");
    }

    private static JWTClaimsSet claims() {
        return new JWTClaimsSet.Builder()
                .issuer(OwnTokens.ISSUER)
                .subject("usr_1")
                .expirationTime(Date.from(NOW.plus(LIFE)))
                .build();
    }

    private static String access(String secret) {
        return TestTokens.access(secret, AccessRole.ANALYST, NOW, LIFE);
    }

    private Verdict verify(String token, Instant now) {
        return Objects.requireNonNull(tokens.verify(token, OwnTokens.ISSUER, now));
    }

    private static String reason(Verdict verdict) {
        return verdict instanceof Verdict.Bad bad ? bad.reason() : verdict.toString();
    }
}
