package dev.penstock.gateway.auth;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.unit.Bytes;
import dev.penstock.gateway.auth.AuthResult.Rejected;
import dev.penstock.gateway.auth.policy.Hmac;
import dev.penstock.gateway.auth.policy.Origins;
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

    private final KeyDirectory directory;
    private final KeyTable.Entry admin;
    private final Hmac hashes;
    private final SessionToken sessions;
    private final List<String> allowedOrigins;
    private final SecurityTrail trail;
    private final Clock clock;
    private final RecentKeys recent = new RecentKeys();

    KeyAuthenticator(
            KeyDirectory directory,
            KeyTable.Entry admin,
            Hmac hashes,
            SessionToken sessions,
            List<String> allowedOrigins,
            SecurityTrail trail,
            Clock clock) {
        this.directory = directory;
        this.admin = admin;
        this.hashes = hashes;
        this.sessions = sessions;
        this.allowedOrigins = allowedOrigins;
        this.trail = trail;
        this.clock = clock;
    }

    @Override
    public AuthResult authenticate(HttpServerRequest request) {
        return switch (Credential.of(request)) {
            case Credential.Key key -> key(key.text(), request);
            case Credential.Session session -> session(session.token(), request);
            case Credential.None none ->
                reject(
                        request,
                        "missing",
                        Fault.of(
                                FaultCode.UNAUTHENTICATED,
                                "No key: send it as 'Authorization: Bearer psk-…' or as 'x-api-key'."));
        };
    }

    /** Whether the key of an earlier answer is still good; for what stays open, such as sockets. */
    boolean live(String keyId) {
        return keyId.equals(admin.key().id()) || (directory.standing().acceptsKnown() && directory.byId(keyId) != null);
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
        Bytes hash = hashes.of(presented);
        if (Hmac.same(hash, admin.key().hash())) {
            return admin;
        }
        KeyTable.Entry entry = directory.byHash(hash);
        return entry != null && Hmac.same(hash, entry.key().hash()) ? entry : null;
    }

    private AuthResult session(String token, HttpServerRequest request) {
        Optional<SessionToken.Claim> parsed = SessionToken.parse(token);
        if (parsed.isEmpty()) {
            return ended(request, "bad_session");
        }
        SessionToken.Claim claim = parsed.get();
        KeyTable.Entry entry = claim.keyId().equals(admin.key().id()) ? admin : directory.byId(claim.keyId());
        if (entry == null) {
            return unknown(request, "unknown_session", "The session has ended: its key was revoked. Sign in again.");
        }
        if (!sessions.signedFor(claim, entry.key().hash())) {
            return ended(request, "bad_session");
        }
        if (claim.expired(clock.instant().getEpochSecond())) {
            return ended(request, "expired_session");
        }
        if (needsOrigin(request)
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
        return known(entry, request);
    }

    private static boolean needsOrigin(HttpServerRequest request) {
        return !SAFE.contains(request.method()) || Credential.upgrading(request.headers());
    }

    private AuthResult known(KeyTable.Entry entry, HttpServerRequest request) {
        if (entry.key().id().equals(admin.key().id()) || directory.standing().acceptsKnown()) {
            return entry.result();
        }
        return later(request, "stale");
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
