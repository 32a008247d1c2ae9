package dev.penstock.gateway.auth;

import dev.penstock.common.config.AuthConfig;
import dev.penstock.common.contract.SecurityContract.Kind;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.net.Addresses;
import dev.penstock.common.time.Ticker;
import dev.penstock.gateway.auth.EndedSessions.Ended;
import dev.penstock.gateway.auth.policy.LoginThrottle;
import dev.penstock.gateway.auth.policy.RefreshToken;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Signing in with name and password, staying in, and signing out. */
public final class Logins {
    private static final Logger log = LoggerFactory.getLogger(Logins.class);

    private final UserStore users;
    private final Passwords passwords;
    private final OwnTokens tokens;
    private final RefreshToken refreshTokens;
    private final Announcer announcer;
    private final SecurityTrail trail;
    private final AuthConfig config;
    private final Ticker ticker;
    private final Clock clock;
    private final LoginThrottle throttle = new LoginThrottle();

    Logins(
            UserStore users,
            Passwords passwords,
            OwnTokens tokens,
            RefreshToken refreshTokens,
            Announcer announcer,
            SecurityTrail trail,
            AuthConfig config,
            Ticker ticker,
            Clock clock) {
        this.ticker = ticker;
        this.users = users;
        this.passwords = passwords;
        this.tokens = tokens;
        this.refreshTokens = refreshTokens;
        this.announcer = announcer;
        this.trail = trail;
        this.config = config;
        this.clock = clock;
    }

    /** What somebody who signed in is given. */
    public record Issued(
            Principal principal, String access, Duration accessLife, String refresh, Duration refreshLife) {
        @Override
        public String toString() {
            return "Issued[" + principal.session() + "]";
        }
    }

    /**
     * Begins a session. Does the same work for a name that nobody has as for one that somebody has.
     *
     * @return fails with {@code UNAUTHENTICATED}, with {@code RATE_LIMITED} after many wrong passwords, and with
     *     {@code OVERLOADED} where too many wait for their turn
     */
    public Future<Issued> login(String name, String password, Caller by) {
        if (password.getBytes(StandardCharsets.UTF_8).length > UserAdmin.MOST_BYTES) {
            throw Fault.invalid("password", "'password' is longer than " + UserAdmin.MOST_BYTES + " bytes.");
        }
        String from = Addresses.group(by.address());
        Duration wait = throttle.wait(name, from, ticker.nanos());
        if (wait.isPositive()) {
            return trail.refused(Kind.LOGIN_FAILED, by, "unknown", "too many wrong passwords")
                    .compose(told -> Future.failedFuture(Fault.retryLater(
                            FaultCode.RATE_LIMITED,
                            "Too many wrong passwords for this name from this address; wait before the next.",
                            wait)));
        }
        return users.findActive(name).compose(found -> {
            @Nullable UserRecord user = found.orElse(null);
            return passwords
                    .verify(password, user == null ? null : user.password())
                    .compose(good -> {
                        if (good && user != null) {
                            throttle.succeeded(name, from);
                            return begin(user, password, by);
                        }
                        throttle.failed(name, from, ticker.nanos());
                        return wrong(user, by);
                    });
        });
    }

    private Future<Issued> begin(UserRecord user, String password, Caller by) {
        String session = KeyText.sessionId();
        return users.begin(session, user, config.refreshToken().toSeconds()).compose(begun -> {
            if (begun.isEmpty()) {
                return wrong(user, by);
            }
            rehash(user, password);
            Issued issued = issue(user, session, 1);
            return announcer
                    .changed(List.of(), begun.get(), by.call())
                    .compose(told -> trail.done(
                            Kind.LOGIN_SUCCEEDED, new Caller(user.id(), by.address(), by.call()), session, "signed in"))
                    .map(issued);
        });
    }

    /** The one moment at which the password is known. */
    private void rehash(UserRecord user, String password) {
        String before = user.password();
        if (before != null && passwords.outdated(before)) {
            passwords
                    .hash(password)
                    .compose(after -> users.rehash(user.id(), before, after))
                    .onFailure(later -> log.info("the hash of {} keeps its cost for now", user.id()));
        }
    }

    /** One answer whatever was wrong. The name is not put on record: people type passwords into that field. */
    private <T> Future<T> wrong(@Nullable UserRecord user, Caller by) {
        return trail.refused(Kind.LOGIN_FAILED, by, user == null ? "unknown" : user.id(), "wrong name or password")
                .compose(told ->
                        Future.failedFuture(Fault.of(FaultCode.UNAUTHENTICATED, "The name or the password is wrong.")));
    }

    /**
     * Takes a session one step on. The token is used up by it; shown again it ends the session, since then two hold it.
     *
     * @return fails with {@code UNAUTHENTICATED}
     */
    public Future<Issued> refresh(String token, Caller by) {
        RefreshToken.Claim claim = refreshTokens.verify(token);
        if (claim == null) {
            return refused(by, "unknown", "refresh token not ours", "This is no refresh token of ours. Sign in again.");
        }
        String session = claim.session();
        return users.refresh(session, claim.generation(), config.refreshToken().toSeconds())
                .compose(result -> switch (result) {
                    case UserStore.Refreshed.Renewed renewed ->
                        Future.succeededFuture(issue(renewed.user(), session, renewed.generation()));
                    case UserStore.Refreshed.Reused reused -> reused(session, reused.user(), by);
                    case UserStore.Refreshed.Over over ->
                        refused(by, session, "session is over", "The session has ended. Sign in again.");
                });
    }

    private Future<Issued> reused(String session, String user, Caller by) {
        return users.end(session, "reused")
                .compose(ended -> announcer.changed(List.of(), ended, by.call()))
                .compose(told -> trail.refused(
                        Kind.TOKEN_REUSED,
                        new Caller(user, by.address(), by.call()),
                        session,
                        "a used refresh token was shown again; the session is ended"))
                .compose(told -> Future.failedFuture(Fault.of(
                        FaultCode.UNAUTHENTICATED,
                        "This refresh token was used before, so its session was ended. Sign in again.")));
    }

    private Future<Issued> refused(Caller by, String target, String detail, String message) {
        return trail.refused(Kind.LOGIN_FAILED, by, target, detail)
                .compose(told -> Future.failedFuture(Fault.of(FaultCode.UNAUTHENTICATED, message)));
    }

    /**
     * Ends the session of a token, everywhere.
     *
     * @param all whether to end all sessions of that user
     * @return fails where the caller did not sign in with name and password
     */
    public Future<Void> logout(Principal principal, boolean all, Caller by) {
        String session = principal.session();
        String user = principal.user();
        if (session == null || user == null) {
            throw Fault.of(
                    FaultCode.INVALID_REQUEST,
                    "This call was not made with a token of POST /api/auth/login; keys are revoked instead.");
        }
        Future<List<Ended>> ended = all ? users.endAll(user, "logout") : users.end(session, "logout");
        return ended.compose(gone -> announcer.changed(List.of(), gone, by.call()))
                .compose(told -> trail.done(Kind.LOGGED_OUT, by, session, all ? "all sessions" : "signed out"));
    }

    /** The value of a browser's cookie for somebody who signed in. */
    String cookie(Principal principal) {
        return tokens.issue(OwnTokens.Use.COOKIE, principal, clock.instant(), config.session());
    }

    private Issued issue(UserRecord user, String session, long generation) {
        Principal principal = OwnTokens.principal(user.id(), user.name(), user.role(), user.team(), session);
        return new Issued(
                principal,
                tokens.issue(OwnTokens.Use.ACCESS, principal, clock.instant(), config.accessToken()),
                config.accessToken(),
                refreshTokens.issue(new RefreshToken.Claim(session, generation)),
                config.refreshToken());
    }
}
