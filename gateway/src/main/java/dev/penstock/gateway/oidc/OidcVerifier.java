package dev.penstock.gateway.oidc;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jwt.SignedJWT;
import dev.penstock.common.config.OidcConfig;
import dev.penstock.common.contract.MonitorContract.Check;
import dev.penstock.common.contract.MonitorContract.Status;
import dev.penstock.common.contract.Priority;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.gateway.auth.AccessRole;
import dev.penstock.gateway.auth.Principal;
import dev.penstock.gateway.auth.Scope;
import dev.penstock.gateway.auth.TokenVerifier;
import dev.penstock.gateway.oidc.IssuerKeys.Found;
import dev.penstock.gateway.oidc.policy.ClaimRules;
import dev.penstock.gateway.oidc.policy.ClaimRules.Outcome;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import java.text.ParseException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tokens of issuers outside. Algorithms are pinned by configuration and asymmetric; the key comes from the issuer's own
 * set by its id, and nothing that a token says of keys or where to find them ({@code jwk}, {@code jku}, {@code x5u}) is
 * looked at. Safe for many threads.
 */
public final class OidcVerifier implements TokenVerifier {
    private static final List<String> DEFAULT_ALGORITHMS = List.of("RS256", "ES256");
    private static final Set<String> TYPES = Set.of("jwt", "at+jwt", "application/at+jwt");
    /** Longer than any token that fits into a header. */
    private static final int MOST_CHARS = 16_384;

    private record Issuer(OidcConfig config, Set<String> algorithms, ClaimRules rules, IssuerKeys keys) {}

    private final Map<String, Issuer> issuers = new HashMap<>();
    private final ServiceContext services;
    private final HttpClient client;

    /** Nothing is read before {@link #start}. */
    public OidcVerifier(ServiceContext services, List<OidcConfig> configs) {
        this.services = services;
        this.client = services.vertx()
                .createHttpClient(
                        new HttpClientOptions().setConnectTimeout(3_000).setDecompressionSupported(false));
        BoundedFetch fetch = new BoundedFetch(client);
        for (OidcConfig config : configs) {
            List<String> algorithms = config.algorithms().isEmpty() ? DEFAULT_ALGORITHMS : config.algorithms();
            issuers.put(
                    config.issuer(),
                    new Issuer(
                            config,
                            Set.copyOf(algorithms),
                            new ClaimRules(config),
                            new IssuerKeys(services.vertx(), config, fetch, services.ticker())));
        }
    }

    /** Begins to read keys, in the background. */
    public void start() {
        issuers.values().forEach(issuer -> {
            issuer.keys().start();
            services.health().register(() -> check(issuer));
        });
    }

    public Future<Void> stop() {
        issuers.values().forEach(issuer -> issuer.keys().stop());
        return client.close();
    }

    @Override
    public @Nullable Verdict verify(String token, String issuer, Instant now) {
        Issuer known = issuers.get(issuer);
        return known == null ? null : verify(known, token, now);
    }

    private static Verdict verify(Issuer issuer, String token, Instant now) {
        if (token.length() > MOST_CHARS) {
            return new Verdict.Bad("token_malformed", "The token is too long.");
        }
        SignedJWT signed;
        try {
            // Refuses alg:none and tokens that are encrypted.
            signed = SignedJWT.parse(token);
        } catch (ParseException e) {
            return new Verdict.Bad("token_malformed", "This is no signed token.");
        }
        JWSHeader header = signed.getHeader();
        if (!issuer.algorithms().contains(header.getAlgorithm().getName())) {
            return new Verdict.Bad("token_algorithm", "The token is signed in a way that is not accepted here.");
        }
        if (header.getType() != null
                && !TYPES.contains(header.getType().getType().toLowerCase(Locale.ROOT))) {
            return new Verdict.Bad("token_malformed", "This is a token of another kind.");
        }
        String id = header.getKeyID();
        if (id == null || id.isEmpty()) {
            return new Verdict.Bad("token_key", "The token does not say which key it is signed with ('kid').");
        }
        return switch (issuer.keys().find(id)) {
            case Found.Later() -> new Verdict.Unclear("The issuer's keys cannot be read at the moment; try again.");
            case Found.None() -> new Verdict.Bad("token_key", "The issuer has no such key.");
            case Found.Key(JWK key) ->
                signedBy(key, signed)
                        ? judged(issuer, signed, now)
                        : new Verdict.Bad("token_signature", "The token's signature is wrong.");
        };
    }

    /** A key of another kind than the algorithm's, or for another use, has signed nothing. */
    private static boolean signedBy(JWK key, SignedJWT signed) {
        JWSHeader header = signed.getHeader();
        boolean fits = (key.getKeyUse() == null || key.getKeyUse().equals(KeyUse.SIGNATURE))
                && (key.getAlgorithm() == null
                        || key.getAlgorithm()
                                .getName()
                                .equals(header.getAlgorithm().getName()));
        if (!fits || !(key instanceof AsymmetricJWK asymmetric)) {
            return false;
        }
        try {
            JWSVerifier verifier = new DefaultJWSVerifierFactory().createJWSVerifier(header, asymmetric.toPublicKey());
            return signed.verify(verifier);
        } catch (JOSEException e) {
            return false;
        }
    }

    private static Verdict judged(Issuer issuer, SignedJWT signed, Instant now) {
        Map<String, Object> claims = signed.getPayload().toJSONObject();
        if (claims == null) {
            return new Verdict.Bad("token_malformed", "The token holds no claims.");
        }
        return switch (issuer.rules().judge(new HashMap<String, @Nullable Object>(claims), now)) {
            case Outcome.Refused(String reason, String message) -> new Verdict.Bad(reason, message);
            case Outcome.Known known -> {
                // Asked again no later than the keys are: one that the issuer withdrew signs no longer.
                Instant again = now.plus(issuer.config().refresh());
                yield new Verdict.Good(principal(known), again.isBefore(known.expiresAt()) ? again : known.expiresAt());
            }
        };
    }

    private static Principal principal(Outcome.Known known) {
        return new Principal(
                known.user(),
                known.user(),
                AccessRole.valueOf(known.role().toUpperCase(Locale.ROOT)),
                known.user(),
                known.team(),
                known.team() == null ? "user:" + known.user() : "team:" + known.team(),
                false,
                Priority.HIGH,
                Scope.OPEN);
    }

    private static Check check(Issuer issuer) {
        String name = "oidc " + issuer.config().name();
        return issuer.keys().usable()
                ? new Check(name, Status.HEALTHY, null)
                : new Check(name, Status.DEGRADED, "Its keys cannot be read: its tokens get 503.");
    }
}
