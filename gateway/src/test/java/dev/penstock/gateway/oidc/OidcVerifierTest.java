package dev.penstock.gateway.oidc;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.penstock.gateway.auth.AccessRole;
import dev.penstock.gateway.auth.TokenVerifier.Verdict;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.IssuerServer;
import dev.penstock.testkit.ServiceHarness;
import io.vertx.core.Vertx;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against an issuer on loopback. */
class OidcVerifierTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static RSAKey rsa;
    private static RSAKey stranger;
    private static ECKey ec;

    @TempDir
    Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final IssuerServer issuer = Await.result(IssuerServer.start(vertx));
    private ServiceHarness harness;
    private OidcVerifier verifier;

    @BeforeAll
    static void keys() throws JOSEException {
        rsa = new RSAKeyGenerator(2048).keyID("rsa").generate();
        stranger = new RSAKeyGenerator(2048).keyID("rsa").generate();
        ec = new ECKeyGenerator(Curve.P_256).keyID("ec").generate();
    }

    @BeforeEach
    void start() {
        issuer.keys(new JWKSet(List.of(rsa, ec)).toString());
        begin("refresh: 1h");
        Await.until("the keys are read", () -> verdict(good()) instanceof Verdict.Good);
    }

    @AfterEach
    void stop() {
        Await.result(verifier.stop());
        harness.close();
        issuer.close();
        Await.result(vertx.close());
    }

    @Test
    void claimsBecomeUserRoleAndTeam() {
        Verdict.Good good = (Verdict.Good) verdict(good());
        assertThat(good.principal().user()).isEqualTo("corp/ada");
        assertThat(good.principal().role()).isEqualTo(AccessRole.ANALYST);
        assertThat(good.principal().team()).isEqualTo("red");
        assertThat(good.principal().tenant()).isEqualTo("team:red");
        assertThat(good.expiresAt()).isEqualTo(NOW.plusSeconds(300 + 30));
        assertThat(verdict(signed(
                        claims().build(),
                        new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("ec").build())))
                .isInstanceOf(Verdict.Good.class);
    }

    @Test
    void anotherIssuersTokensAreNotOurs() {
        assertThat(verifier.verify(good(), "https://elsewhere.example.com", NOW))
                .isNull();
    }

    @Test
    void unsignedTokensAreRefused() {
        refused(new PlainJWT(claims().build()).serialize(), "token_malformed");
    }

    @Test
    void aPublicKeyUsedAsASharedSecretSignsNothing() throws JOSEException {
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("rsa").build(), claims().build());
        token.sign(new MACSigner(rsa.toRSAPublicKey().getEncoded()));
        refused(token.serialize(), "token_algorithm");
    }

    @Test
    void algorithmsThatAreNotPinnedAreRefusedAlsoWhereTheKeyWouldFit() {
        refused(
                signed(
                        claims().build(),
                        new JWSHeader.Builder(JWSAlgorithm.RS512).keyID("rsa").build()),
                "token_algorithm");
    }

    @Test
    void aStrangersSignatureUnderOurKeysNameIsRefused() throws JOSEException {
        SignedJWT token = new SignedJWT(header(), claims().build());
        token.sign(new RSASSASigner(stranger));
        refused(token.serialize(), "token_signature");
    }

    @Test
    void anAlgorithmOfAnotherKindThanTheKeyIsRefused() throws JOSEException {
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("rsa").build(), claims().build());
        token.sign(new ECDSASigner(ec));
        refused(token.serialize(), "token_signature");
    }

    @Test
    void keysThatATokenBringsAlongAreNotLookedAt() throws JOSEException {
        JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.RS256)
                .keyID("rsa")
                .jwk(stranger.toPublicJWK())
                .jwkURL(URI.create("http://127.0.0.1:1/keys"))
                .x509CertURL(URI.create("http://127.0.0.1:1/cert"))
                .build();
        SignedJWT token = new SignedJWT(header, claims().build());
        token.sign(new RSASSASigner(stranger));
        refused(token.serialize(), "token_signature");
    }

    @Test
    void aTokenMustSayWhichKeySignedIt() {
        refused(signed(claims().build(), new JWSHeader.Builder(JWSAlgorithm.RS256).build()), "token_key");
    }

    @Test
    void timesAudienceAndIssuerAreHeldTo() {
        refused(signed(claims().audience("another").build(), header()), "token_audience");
        refused(signed(claims().audience((String) null).build(), header()), "token_audience");
        refused(signed(claims().issuer("https://evil.example.com").build(), header()), "token_issuer");
        refused(signed(claims().expirationTime(date(-31)).build(), header()), "token_expired");
        refused(signed(claims().expirationTime(null).build(), header()), "token_expired");
        refused(signed(claims().notBeforeTime(date(31)).build(), header()), "token_early");
        refused(signed(claims().issueTime(date(31)).build(), header()), "token_early");
        assertThat(verdict(signed(
                        claims().expirationTime(date(-29))
                                .notBeforeTime(date(29))
                                .build(),
                        header())))
                .isInstanceOf(Verdict.Good.class);
    }

    @Test
    void whoHasNoRoleOrNoUsableNameIsRefused() {
        refused(signed(claims().claim("roles", List.of("unheard-of")).build(), header()), "token_role");
        refused(signed(claims().subject("a\nb").build(), header()), "token_user");
        refused(signed(claims().subject(null).build(), header()), "token_user");
        refused("no.token.atall", "token_malformed");
    }

    @Test
    void aNewKeyIsReadOnceForManyTokensAndThenNotAgain() throws JOSEException {
        Await.result(verifier.stop());
        harness.close();
        begin("refresh: 1500ms");
        Await.until("the keys are read", () -> verdict(good()) instanceof Verdict.Good);
        int before = issuer.reads();
        RSAKey fresh = new RSAKeyGenerator(2048).keyID("fresh").generate();
        issuer.keys(new JWKSet(List.of(rsa, ec, fresh)).toString());
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("fresh").build(), claims().build());
        token.sign(new RSASSASigner(fresh));
        Await.until("the new key is known", () -> verdict(token.serialize()) instanceof Verdict.Good);
        assertThat(issuer.reads() - before).isEqualTo(1);
        String unknown = signed(
                claims().build(),
                new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("none").build());
        for (int i = 0; i < 1_000; i++) {
            assertThat(verdict(unknown)).isNotInstanceOf(Verdict.Good.class);
        }
        assertThat(issuer.reads() - before).isLessThanOrEqualTo(3);
    }

    @Test
    void whileTheIssuerIsAwayKnownKeysHoldForTheirTimeAndThenNobodyIsTurnedAwayForGood() {
        Await.result(verifier.stop());
        harness.close();
        begin("refresh: 100ms\n      keys-trusted: 2s");
        Await.until("the keys are read", () -> verdict(good()) instanceof Verdict.Good);
        issuer.away(true);
        assertThat(verdict(good())).isInstanceOf(Verdict.Good.class);
        Await.until("the keys are too old", () -> verdict(good()) instanceof Verdict.Unclear);
        issuer.away(false);
        Await.until("the keys are read again", () -> verdict(good()) instanceof Verdict.Good);
    }

    @Test
    void aDiscoveryDocumentOfSomebodyElseIsNotBelieved() {
        Await.result(verifier.stop());
        harness.close();
        issuer.claimedIssuer("https://evil.example.com");
        int before = issuer.reads();
        begin("refresh: 100ms");
        assertThat(verdict(good())).isInstanceOf(Verdict.Unclear.class);
        assertThat(issuer.reads()).isEqualTo(before);
    }

    private void begin(String more) {
        harness = ServiceHarness.bare("""
                auth:
                  oidc:
                    - name: corp
                      issuer: %s
                      audience: penstock
                      team-claim: groups.team
                      roles: {staff: user, analysts: analyst}
                      %s
                """.formatted(issuer.url(), more.replace("\n      ", "\n      ")), folder);
        verifier = new OidcVerifier(
                harness.context(), harness.context().config().auth().oidc());
        verifier.start();
    }

    private void refused(String token, String reason) {
        assertThat(verdict(token))
                .isInstanceOfSatisfying(
                        Verdict.Bad.class, bad -> assertThat(bad.reason()).isEqualTo(reason));
    }

    private Verdict verdict(String token) {
        return verifier.verify(token, issuer.url(), NOW);
    }

    private String good() {
        return signed(claims().build(), header());
    }

    private static JWSHeader header() {
        return new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("rsa").build();
    }

    private static Date date(long seconds) {
        return Date.from(NOW.plusSeconds(seconds));
    }

    private JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder()
                .issuer(issuer.url())
                .audience(List.of("other", "penstock"))
                .subject("ada")
                .claim("roles", List.of("staff", "analysts"))
                .claim("groups", java.util.Map.of("team", List.of("red", "blue")))
                .issueTime(date(-10))
                .expirationTime(date(300));
    }

    private static String signed(JWTClaimsSet claims, JWSHeader header) {
        try {
            SignedJWT token = new SignedJWT(header, claims);
            JWSSigner signer =
                    header.getAlgorithm().equals(JWSAlgorithm.ES256) ? new ECDSASigner(ec) : new RSASSASigner(rsa);
            token.sign(signer);
            return token.serialize();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }
}
