package dev.penstock.gateway.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.penstock.common.contract.Priority;
import dev.penstock.gateway.auth.policy.SecretRing;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that we issue ourselves: HS256 and nothing else, the key named by {@code kid}. They say all that a request
 * needs, so that any gateway with the secret judges them alone; whether their session has ended is asked elsewhere.
 */
final class OwnTokens implements TokenVerifier {
    static final String ISSUER = "penstock";
    /** Gateways' clocks differ a little. */
    private static final Duration LEEWAY = Duration.ofSeconds(30);

    /** What a token is for. One is never taken for the other. */
    enum Use {
        /** For {@code Authorization}. */
        ACCESS("at+jwt"),
        /** For the browser's cookie. */
        COOKIE("session+jwt");

        private final String type;

        Use(String type) {
            this.type = type;
        }
    }

    private final SecretRing secrets;
    private final MACSigner signer;
    private final Map<String, JWSVerifier> verifiers = new HashMap<>();

    OwnTokens(SecretRing secrets) {
        this.secrets = secrets;
        try {
            signer = new MACSigner(secrets.current().secret().unsafeArray());
            for (SecretRing.Entry secret : secrets.entries()) {
                verifiers.put(secret.id(), new MACVerifier(secret.secret().unsafeArray()));
            }
        } catch (JOSEException e) {
            throw new IllegalStateException("derived secrets have 256 bits", e);
        }
    }

    /** A token for a person who signed in with us. */
    String issue(Use use, Principal principal, Instant now, Duration life) {
        JWTClaimsSet claims = new JWTClaimsSet.Builder()
                .issuer(ISSUER)
                .subject(principal.user())
                .claim("sid", principal.session())
                .claim("name", principal.name())
                .claim("role", principal.role().label())
                .claim("team", principal.team())
                .issueTime(Date.from(now))
                .notBeforeTime(Date.from(now))
                .expirationTime(Date.from(now.plus(life)))
                .build();
        JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.HS256)
                .keyID(secrets.current().id())
                .type(new JOSEObjectType(use.type))
                .build();
        SignedJWT token = new SignedJWT(header, claims);
        try {
            token.sign(signer);
        } catch (JOSEException e) {
            throw new IllegalStateException("HS256 needs nothing that could fail", e);
        }
        return token.serialize();
    }

    /** What requests see of somebody who signed in. */
    static Principal principal(String user, String name, AccessRole role, @Nullable String team, String session) {
        return new Principal(
                user,
                name,
                role,
                user,
                team,
                team == null ? "user:" + user : "team:" + team,
                false,
                Priority.CRITICAL,
                Scope.OPEN,
                session);
    }

    @Override
    public @Nullable Verdict verify(String token, String issuer, Instant now) {
        return issuer.equals(ISSUER) ? verify(Use.ACCESS, token, now) : null;
    }

    Verdict verify(Use use, String token, Instant now) {
        try {
            return verify(use, SignedJWT.parse(token), now);
        } catch (ParseException | JOSEException | IllegalArgumentException e) {
            return new Verdict.Bad("token_malformed", "This is not a well-formed token.");
        }
    }

    private Verdict verify(Use use, SignedJWT token, Instant now) throws ParseException, JOSEException {
        JWSHeader header = token.getHeader();
        if (!JWSAlgorithm.HS256.equals(header.getAlgorithm())) {
            return new Verdict.Bad("token_algorithm", "Tokens of this issuer are signed with HS256 only.");
        }
        String kid = header.getKeyID();
        JWSVerifier verifier = kid == null ? null : verifiers.get(kid);
        if (verifier == null) {
            return new Verdict.Bad(
                    "token_key", "This token was signed with a key that is not in force here. Sign in again.");
        }
        if (!token.verify(verifier)) {
            return new Verdict.Bad("token_signature", "The signature of this token is wrong.");
        }
        if (header.getType() == null || !use.type.equals(header.getType().getType())) {
            return new Verdict.Bad("token_use", "This token is for another use: bearers and cookies have their own.");
        }
        return claims(token.getJWTClaimsSet(), now);
    }

    private static Verdict claims(JWTClaimsSet claims, Instant now) throws ParseException {
        Date expiry = claims.getExpirationTime();
        String user = claims.getSubject();
        String session = claims.getStringClaim("sid");
        String name = claims.getStringClaim("name");
        String role = claims.getStringClaim("role");
        if (expiry == null || user == null || session == null || name == null || role == null) {
            return new Verdict.Bad("token_malformed", "This token lacks a claim that tokens of this issuer have.");
        }
        if (!now.isBefore(expiry.toInstant())) {
            return new Verdict.Bad(
                    "token_expired", "This token expired at " + expiry.toInstant() + ". Refresh it, or sign in again.");
        }
        Date notBefore = claims.getNotBeforeTime();
        if (notBefore != null && now.plus(LEEWAY).isBefore(notBefore.toInstant())) {
            return new Verdict.Bad("token_early", "This token is not valid before " + notBefore.toInstant() + ".");
        }
        AccessRole known = AccessRole.valueOf(role.toUpperCase(Locale.ROOT));
        Principal principal = principal(user, name, known, claims.getStringClaim("team"), session);
        return new Verdict.Good(principal, expiry.toInstant());
    }
}
