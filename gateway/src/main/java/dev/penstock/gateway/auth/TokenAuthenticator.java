package dev.penstock.gateway.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jose.Algorithm;
import com.nimbusds.jose.Header;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.gateway.auth.AuthResult.Authenticated;
import dev.penstock.gateway.auth.AuthResult.Rejected;
import dev.penstock.gateway.auth.TokenVerifier.Verdict;
import io.vertx.core.http.HttpServerRequest;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Judges signed tokens: which issuer, is it good, has its session ended. Of a token that was good a moment ago only the
 * last is asked again, in memory. Safe for use by many event loops.
 */
final class TokenAuthenticator {
    private static final Duration RETRY = Duration.ofSeconds(2);
    private static final int MAX_TOKEN = 8 * 1024;
    /** Memory for tokens that were good, about; the least used fall out and are judged anew. */
    private static final long MOST_CHARACTERS = 16L * 1024 * 1024;

    private static final int OVERHEAD = 256;

    /** @param use keeps bearers and cookies apart */
    private record Shown(OwnTokens.Use use, String token) {}

    private record Seen(Authenticated result, long expiresAtMillis) {}

    private final OwnTokens own;
    private final List<TokenVerifier> verifiers;
    private final Follower<EndedSessions.Ended, EndedSessions> sessions;
    private final SecurityTrail trail;
    private final Clock clock;
    private final Cache<Shown, Seen> seen = Caffeine.newBuilder()
            .maximumWeight(MOST_CHARACTERS)
            .weigher((Shown shown, Seen what) -> shown.token().length() + OVERHEAD)
            .build();

    /** @param others of other issuers, asked in order after our own */
    TokenAuthenticator(
            OwnTokens own,
            List<TokenVerifier> others,
            Follower<EndedSessions.Ended, EndedSessions> sessions,
            SecurityTrail trail,
            Clock clock) {
        this.own = own;
        this.verifiers = others;
        this.sessions = sessions;
        this.trail = trail;
        this.clock = clock;
    }

    /** Whether what came as a bearer has the form of a token. */
    static boolean looksLikeOne(String text) {
        int first = text.indexOf('.');
        int second = first < 0 ? -1 : text.indexOf('.', first + 1);
        return second > 0 && text.startsWith("eyJ") && text.indexOf('.', second + 1) < 0;
    }

    AuthResult judge(OwnTokens.Use use, String token, HttpServerRequest request) {
        Shown shown = new Shown(use, token);
        Seen before = seen.getIfPresent(shown);
        if (before != null) {
            if (clock.millis() < before.expiresAtMillis()) {
                return known(before.result(), request);
            }
            seen.invalidate(shown);
        }
        return switch (verify(use, token)) {
            case Verdict.Good good -> {
                Authenticated result = new Authenticated(good.principal());
                seen.put(shown, new Seen(result, good.expiresAt().toEpochMilli()));
                yield known(result, request);
            }
            case Verdict.Bad bad -> reject(request, bad.reason(), Fault.of(FaultCode.UNAUTHENTICATED, bad.message()));
            case Verdict.Unclear unclear -> later(request, unclear.message());
        };
    }

    /** Whether the session of a token that was good is still on. */
    boolean live(Principal principal) {
        String session = principal.session();
        return session == null
                || (sessions.standing().acceptsKnown() && !sessions.table().contains(session));
    }

    private AuthResult known(Authenticated result, HttpServerRequest request) {
        String session = result.principal().session();
        if (session == null) {
            return result;
        }
        if (sessions.table().contains(session)) {
            return reject(
                    request,
                    "token_ended",
                    Fault.of(FaultCode.UNAUTHENTICATED, "The session of this token has ended. Sign in again."));
        }
        return sessions.standing().acceptsKnown()
                ? result
                : later(request, "Whether this token was ended cannot be checked at the moment; try again.");
    }

    private Verdict verify(OwnTokens.Use use, String token) {
        if (token.length() > MAX_TOKEN) {
            return new Verdict.Bad("token_malformed", "This token is longer than " + MAX_TOKEN + " characters.");
        }
        if (use == OwnTokens.Use.COOKIE) {
            return own.verify(use, token, clock.instant());
        }
        String issuer;
        try {
            String[] parts = token.split("\\.", -1);
            if (Algorithm.NONE.equals(Header.parse(new Base64URL(parts[0])).getAlgorithm())) {
                return new Verdict.Bad("token_unsigned", "A token without a signature is not accepted.");
            }
            issuer = JSONObjectUtils.getString(JSONObjectUtils.parse(new Base64URL(parts[1]).decodeToString()), "iss");
        } catch (ParseException | RuntimeException e) {
            return new Verdict.Bad("token_malformed", "This is not a well-formed token.");
        }
        return issuer == null ? foreign() : ask(token, issuer);
    }

    private Verdict ask(String token, String issuer) {
        @Nullable Verdict verdict = own.verify(token, issuer, clock.instant());
        for (int i = 0; verdict == null && i < verifiers.size(); i++) {
            verdict = verifiers.get(i).verify(token, issuer, clock.instant());
        }
        return verdict == null ? foreign() : verdict;
    }

    private static Verdict foreign() {
        return new Verdict.Bad("token_issuer", "Tokens of this issuer are not accepted here.");
    }

    private AuthResult later(HttpServerRequest request, String message) {
        return reject(request, "unavailable", Fault.retryLater(FaultCode.UNAVAILABLE, message, RETRY));
    }

    private AuthResult reject(HttpServerRequest request, String reason, Fault fault) {
        trail.failed(request, reason);
        return new Rejected(fault);
    }
}
