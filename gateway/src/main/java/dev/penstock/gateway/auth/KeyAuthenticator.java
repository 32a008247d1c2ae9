package dev.penstock.gateway.auth;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.unit.Bytes;
import dev.penstock.gateway.auth.AuthResult.Rejected;
import dev.penstock.gateway.auth.policy.Hmac;
import dev.penstock.gateway.auth.policy.Origins;
import dev.penstock.gateway.auth.policy.SecretRing;
import dev.penstock.gateway.auth.policy.SessionToken;
import dev.penstock.gateway.auth.policy.Standing;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Judges credentials by the keys in memory. Of a key that was good a moment ago it only compares the text: the HMAC is
 * computed again when any key has changed. Safe for use by many event loops.
 */
final class KeyAuthenticator implements Authenticator {
    private static final Duration RETRY = Duration.ofSeconds(2);
    /** Longer than any key of ours; what is longer is not hashed. */
    private static final int MAX_KEY = 512;

    private static final Set<HttpMethod> SAFE = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

    private final Follower<KeyRecord, KeyTable> directory;
    private final KeyTable.Entry admin;
    private final SecretRing hashes;
    private final TokenAuthenticator tokens;
    private final SessionToken sessions;
    private final List<String> allowedOrigins;
    private final SecurityTrail trail;
    private final Clock clock;
    private final RecentKeys recent = new RecentKeys();

    KeyAuthenticator(
            Follower<KeyRecord, KeyTable> directory,
            KeyTable.Entry admin,
            SecretRing hashes,
            TokenAuthenticator tokens,
            SessionToken sessions,
            List<String> allowedOrigins,
            SecurityTrail trail,
            Clock clock) {
        this.directory = directory;
        this.admin = admin;
        this.hashes = hashes;
        this.tokens = tokens;
        this.sessions = sessions;
        this.allowedOrigins = allowedOrigins;
        this.trail = trail;
        this.clock = clock;
    }

    @Override
    public AuthResult authenticate(HttpServerRequest request) {
        return switch (Credential.of(request)) {
            case Credential.Key key -> key(key.text(), request);
            case Credential.Token token -> tokens.judge(OwnTokens.Use.ACCESS, token.text(), request);
            case Credential.Session session -> fromOurPages(session(session.token(), request), request);
            case Credential.None none ->
                reject(
                        request,
                        "missing",
                        Fault.of(
                                FaultCode.UNAUTHENTICATED,
                                "No key and no token: send one as 'Authorization: Bearer …', or the key as 'x-api-key'."));
        };
    }

    /** Whether the credential of an earlier answer is still good; for what stays open, such as sockets. */
    boolean live(Principal principal) {
        if (principal.session() != null || principal.keyId().equals(principal.user())) {
            return tokens.live(principal);
        }
        KeyTable.Entry entry = directory.table().byId(principal.keyId());
        return principal.keyId().equals(admin.key().id())
                || (directory.standing().acceptsKnown() && entry != null && refusal(entry) == null);
    }

    private AuthResult key(String presented, HttpServerRequest request) {
        KeyTable table = directory.table();
        KeyTable.Entry entry = recent.find(presented, table);
        if (entry == null) {
            entry = verify(presented);
            if (entry == null) {
                return unknown(request, "unknown_key", "This key is not known, or it was revoked.");
            }
            recent.remember(presented, table, entry);
        }
        return known(entry, request);
    }

    private KeyTable.@Nullable Entry verify(String presented) {
        if (presented.isEmpty() || presented.length() > MAX_KEY) {
            return null;
        }
        KeyTable table = directory.table();
        for (SecretRing.Entry secret : hashes.entries()) {
            Bytes hash = secret.hmac().of(presented);
            if (Hmac.same(hash, admin.hash())) {
                return admin;
            }
            KeyTable.Entry entry = table.byHash(hash);
            if (entry != null && Hmac.same(hash, entry.hash())) {
                return entry;
            }
        }
        return null;
    }

    private AuthResult session(String token, HttpServerRequest request) {
        if (TokenAuthenticator.looksLikeOne(token)) {
            return tokens.judge(OwnTokens.Use.COOKIE, token, request);
        }
        Optional<SessionToken.Claim> parsed = SessionToken.parse(token);
        if (parsed.isEmpty()) {
            return ended(request, "bad_session");
        }
        SessionToken.Claim claim = parsed.get();
        KeyTable.Entry entry = claim.keyId().equals(admin.key().id())
                ? admin
                : directory.table().byId(claim.keyId());
        if (entry == null) {
            return unknown(request, "unknown_session", "The session has ended: its key was revoked. Sign in again.");
        }
        if (!sessions.signedFor(claim, entry.key().hash())) {
            return ended(request, "bad_session");
        }
        if (claim.expired(clock.instant().getEpochSecond())) {
            return ended(request, "expired_session");
        }
        return known(entry, request);
    }

    private AuthResult fromOurPages(AuthResult result, HttpServerRequest request) {
        if (result instanceof AuthResult.Authenticated
                && needsOrigin(request)
                && !Origins.permits(
                        request.getHeader(HttpHeaders.ORIGIN), request.getHeader(HttpHeaders.HOST), allowedOrigins)) {
            return reject(
                    request,
                    "foreign_origin",
                    Fault.of(
                            FaultCode.FORBIDDEN,
                            "A session works only from this server's own pages or from server.allowed-origins; programs"
                                    + " send the key instead."));
        }
        return result;
    }

    private static boolean needsOrigin(HttpServerRequest request) {
        return !SAFE.contains(request.method()) || Credential.upgrading(request.headers());
    }

    private AuthResult known(KeyTable.Entry entry, HttpServerRequest request) {
        if (entry.key().id().equals(admin.key().id())) {
            return entry.result();
        }
        if (!directory.standing().acceptsKnown()) {
            return later(request, "stale");
        }
        Refusal refusal = refusal(entry);
        return refusal == null
                ? entry.result()
                : reject(request, refusal.reason(), Fault.of(FaultCode.UNAUTHENTICATED, refusal.message()));
    }

    private record Refusal(String reason, String message) {}

    /** Why a key that we know does not work now, or null where it does. */
    private @Nullable Refusal refusal(KeyTable.Entry entry) {
        String suspended = entry.key().suspended();
        if (suspended != null) {
            return new Refusal("suspended_key", "The " + suspended + " of this key is disabled.");
        }
        // Most keys have no end: those are not worth asking the clock for.
        if (entry.untilMillis() == Long.MAX_VALUE || clock.millis() < entry.untilMillis()) {
            return null;
        }
        return entry.untilMillis() < entry.key().untilMillis()
                ? new Refusal("rotated_key", "This key was rotated; use the new one.")
                : new Refusal(
                        "expired_key", "This key expired at " + entry.key().expiresAt() + ".");
    }

    /** Says no for certain only when the copy of the keys is current. */
    private AuthResult unknown(HttpServerRequest request, String reason, String message) {
        if (directory.standing() != Standing.CURRENT) {
            return later(request, "unavailable");
        }
        return reject(request, reason, Fault.of(FaultCode.UNAUTHENTICATED, message));
    }

    private AuthResult later(HttpServerRequest request, String reason) {
        return reject(
                request,
                reason,
                Fault.retryLater(FaultCode.UNAVAILABLE, "Keys cannot be checked at the moment; try again.", RETRY));
    }

    private AuthResult ended(HttpServerRequest request, String reason) {
        return reject(
                request,
                reason,
                Fault.of(FaultCode.UNAUTHENTICATED, "The session has ended or is not ours. Sign in again."));
    }

    private AuthResult reject(HttpServerRequest request, String reason, Fault fault) {
        trail.failed(request, reason);
        return new Rejected(fault);
    }
}
