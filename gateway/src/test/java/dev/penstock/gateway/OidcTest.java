package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.IssuerServer;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens of an issuer outside, over HTTP through the whole gateway. */
class OidcTest {
    private static RSAKey rsa;
    private static RSAKey next;

    @TempDir
    Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final IssuerServer issuer = Await.result(IssuerServer.start(vertx));
    private GatewayFixture gateway;

    @BeforeAll
    static void keys() throws JOSEException {
        rsa = new RSAKeyGenerator(2048).keyID("rsa").generate();
        next = new RSAKeyGenerator(2048).keyID("next").generate();
    }

    @BeforeEach
    void start() {
        issuer.keys(new JWKSet(rsa).toString());
        gateway = GatewayFixture.trusting(
                folder,
                """
                  oidc:
                    - name: corp
                      issuer: %s
                      audience: penstock
                      team-claim: team
                      roles: {staff: user, analysts: analyst}
                      refresh: 500ms
                      keys-trusted: 3s
                """.indent(0).formatted(issuer.url()),
                "limits: [{name: reference, per-minute: 0, per-hour: 0, per-day: 0}]\n");
    }

    @AfterEach
    void stop() {
        gateway.close();
        issuer.close();
        Await.result(vertx.close());
    }

    @Test
    void aGoodTokenGivesItsMappedRoleAndTeamAndNoMore() {
        awaitKeys();
        String token = signed(claims().build(), rsa);
        JsonObject who = new JsonObject(session(token).body());
        assertThat(who.encode()).contains("\"analyst\"", "\"red\"", "corp/ada");
        assertThat(get("/v1/models", token).statusCode()).isEqualTo(200);
        assertThat(get("/api/performance/cache/stats", token).statusCode()).isNotIn(401, 403);
        assertThat(get("/api/admin/users", token).statusCode()).isEqualTo(403);
        String plain = signed(claims().claim("roles", List.of("staff")).build(), rsa);
        assertThat(get("/api/performance/cache/stats", plain).statusCode()).isEqualTo(403);
    }

    @Test
    void everyWrongTokenIsToldWhatIsWrong() throws JOSEException {
        awaitKeys();
        refused(new PlainJWT(claims().build()).serialize(), "without a signature");
        SignedJWT confused = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("rsa").build(), claims().build());
        confused.sign(new MACSigner(rsa.toRSAPublicKey().getEncoded()));
        refused(confused.serialize(), "signed in a way that is not accepted");
        refused(signed(claims().issuer("https://evil.example.com").build(), rsa), "issuer");
        refused(signed(claims().audience("another").build(), rsa), "aud");
        refused(signed(claims().expirationTime(date(-60)).build(), rsa), "expired");
        refused(signed(claims().notBeforeTime(date(120)).build(), rsa), "not valid");
        refused(signed(claims().claim("roles", List.of("nobody")).build(), rsa), "role");
        String good = signed(claims().build(), rsa);
        refused(good.substring(0, good.length() - 8) + "AAAAAAAA", "signature");
    }

    @Test
    void aRotatedKeyIsFoundAndAWithdrawnOneStopsWithinARefreshAlsoForTokensSeenBefore() {
        awaitKeys();
        String old = signed(claims().build(), rsa);
        assertThat(status(old)).isEqualTo(200);
        issuer.keys(new JWKSet(List.of(rsa, next)).toString());
        Await.until("the new key is found", () -> status(signed(claims().build(), next)) == 200);
        assertThat(status(old)).isEqualTo(200);
        issuer.keys(new JWKSet(next).toString());
        Await.until("the withdrawn key stops", () -> status(old) == 401);
        assertThat(session(old).body()).contains("no such key");
    }

    @Test
    void whileTheIssuerIsAwayItsKeysHoldForTheirTimeAndThenTokensAreToldToComeBack() {
        awaitKeys();
        issuer.away(true);
        assertThat(status(signed(claims().build(), rsa))).isEqualTo(200);
        Await.until("the keys are too old", () -> status(signed(claims().build(), rsa)) == 503);
        HttpResponse<String> later = session(signed(claims().build(), rsa));
        assertThat(later.headers().firstValue("retry-after")).hasValue("2");
        assertThat(later.body()).contains("issuer");
        assertThat(gateway.get("/v1/models").statusCode())
                .as("keys of our own work on")
                .isEqualTo(200);
        issuer.away(false);
        Await.until("it is back", () -> status(signed(claims().build(), rsa)) == 200);
    }

    private void awaitKeys() {
        Await.until("the keys are read", () -> status(signed(claims().build(), rsa)) == 200);
    }

    private void refused(String token, String why) {
        HttpResponse<String> answer = session(token);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(401);
        assertThat(new JsonObject(answer.body()).getString("detail")).contains(why);
    }

    /** Of what has no limits here: waiting for something asks often. */
    private int status(String token) {
        return get("/v1/models", token).statusCode();
    }

    private HttpResponse<String> session(String token) {
        return get("/api/auth/session", token);
    }

    private HttpResponse<String> get(String path, String token) {
        return gateway.get(path, "Authorization", "Bearer " + token);
    }

    private static Date date(long seconds) {
        return Date.from(Instant.now().plusSeconds(seconds));
    }

    private JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder()
                .issuer(issuer.url())
                .audience("penstock")
                .subject("ada")
                .claim("roles", List.of("staff", "analysts"))
                .claim("team", "red")
                .issueTime(date(-10))
                .expirationTime(date(300));
    }

    private static String signed(JWTClaimsSet claims, RSAKey key) {
        try {
            SignedJWT token = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.RS256)
                            .keyID(key.getKeyID())
                            .build(),
                    claims);
            token.sign(new RSASSASigner(key));
            return token.serialize();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }
}
