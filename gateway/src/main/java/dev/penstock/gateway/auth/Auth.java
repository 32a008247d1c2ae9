package dev.penstock.gateway.auth;

import dev.penstock.common.config.AuthConfig;
import dev.penstock.common.contract.MonitorContract.Check;
import dev.penstock.common.contract.MonitorContract.Status;
import dev.penstock.common.contract.Priority;
import dev.penstock.common.crypto.FieldCipher;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.common.store.AbsentPostgres;
import dev.penstock.common.unit.Bytes;
import dev.penstock.common.unit.Secret;
import dev.penstock.gateway.audit.Audit;
import dev.penstock.gateway.auth.policy.Hmac;
import dev.penstock.gateway.auth.policy.RefreshToken;
import dev.penstock.gateway.auth.policy.SecretRing;
import dev.penstock.gateway.auth.policy.SessionToken;
import dev.penstock.gateway.auth.policy.Standing;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything about credentials in one process: made once, started before the server listens, shared by all event loops. */
public final class Auth {
    private static final Logger log = LoggerFactory.getLogger(Auth.class);

    /** The id of the first admin key, which stands in no table. */
    public static final String ADMIN_ID = "key_admin";

    private final ServiceContext context;
    private final Follower<KeyRecord, KeyTable> directory;
    private final Follower<EndedSessions.Ended, EndedSessions> ended;
    private final KeyAuthenticator authenticator;
    private final KeyAdmin keys;
    private final UserAdmin users;
    private final Logins logins;
    private final Passwords passwords;
    private final SecurityTrail trail;
    private final SessionToken sessions;
    private final Bytes adminHash;
    private final Clock clock;

    private Auth(ServiceContext context, Stores stores, Audit audit, List<TokenVerifier> verifiers, Clock clock) {
        this.context = context;
        this.clock = clock;
        AuthConfig config = context.config().auth();
        List<byte[]> secrets = secrets(config);
        SecretRing hashes = SecretRing.derived(secrets, "keys");
        String adminKey = config.adminKey().reveal();
        if (adminKey.isBlank()) {
            log.warn("auth.admin-key is not set: only keys that were made before are known");
        }
        this.adminHash = adminKey.isBlank() ? Bytes.EMPTY : hashes.of(adminKey);
        this.sessions = new SessionToken(Hmac.derived(secrets.getFirst(), "sessions"));
        this.trail = new SecurityTrail(context.bus(), audit, context.telemetry(), context.ticker(), clock);
        Revocations revokedKeys = new Revocations(context.redis(), Revocations.KEYS);
        Revocations endedSessions = new Revocations(context.redis(), Revocations.SESSIONS);
        this.directory = new Follower<>(
                "keys", context.vertx(), KeyTable.EMPTY, stores.keys(), revokedKeys, config, context.ticker(), clock);
        this.ended = new Follower<>(
                "ended sessions",
                context.vertx(),
                EndedSessions.EMPTY,
                stores.users(),
                endedSessions,
                config,
                context.ticker(),
                clock);
        Announcer announcer = new Announcer(directory, ended, revokedKeys, endedSessions, context.bus(), clock);
        this.passwords = new Passwords(context.vertx(), config.passwordCost(), config.passwordQueue());
        this.keys = new KeyAdmin(stores.keys(), stores.users(), announcer, hashes, trail, clock);
        this.users =
                new UserAdmin(stores.users(), passwords, announcer, trail, FieldCipher.of(context.config()), clock);
        OwnTokens tokens = new OwnTokens(SecretRing.derived(secrets, "tokens"));
        RefreshToken refresh = new RefreshToken(SecretRing.derived(secrets, "refresh"));
        this.logins = new Logins(
                stores.users(), passwords, tokens, refresh, announcer, trail, config, context.ticker(), clock);
        this.authenticator = new KeyAuthenticator(
                directory,
                KeyTable.Entry.of(administrator(adminHash)),
                hashes,
                new TokenAuthenticator(tokens, verifiers, ended, trail, clock),
                sessions,
                context.config().server().allowedOrigins(),
                trail,
                clock);
    }

    /** Where keys, users and sessions last. */
    record Stores(KeyStore keys, UserStore users) {
        static Stores of(ServiceContext context) {
            AuthConfig config = context.config().auth();
            // The longest life of a token that gateways judge by themselves.
            long seconds =
                    Math.max(config.accessToken().toSeconds(), config.session().toSeconds());
            return context.postgres() instanceof AbsentPostgres
                    ? new Stores(new NoKeys(), new NoUsers())
                    : new Stores(new PostgresKeys(context.postgres()), new PostgresUsers(context.postgres(), seconds));
        }
    }

    /** Everybody could compute hashes under a secret that is not there, and two gateways' own would not agree. */
    private static List<byte[]> secrets(AuthConfig config) {
        String secret = config.secret().reveal();
        if (secret.isBlank()) {
            throw new IllegalStateException(
                    "auth.secret (PENSTOCK_AUTH_SECRET) is not set; all gateways of a cluster need"
                            + " the same, for example from: openssl rand -hex 32.");
        }
        List<byte[]> secrets = new ArrayList<>();
        secrets.add(secret.getBytes(StandardCharsets.UTF_8));
        for (Secret previous : config.previousSecrets()) {
            secrets.add(previous.reveal().getBytes(StandardCharsets.UTF_8));
        }
        return secrets;
    }

    /**
     * Prepares everything; nothing is read before {@link #start}.
     *
     * @param verifiers of tokens of other issuers, in the order in which they are asked
     * @throws IllegalStateException without {@code auth.secret}; whoever runs the gateway gives it one
     */
    public static Auth create(ServiceContext context, Audit audit, List<TokenVerifier> verifiers) {
        return new Auth(context, Stores.of(context), audit, List.copyOf(verifiers), Clock.systemUTC());
    }

    static Auth create(ServiceContext context, Stores stores, Audit audit, Clock clock) {
        return new Auth(context, stores, audit, List.of(), clock);
    }

    private static KeyRecord administrator(Bytes hash) {
        return KeyRecord.plain(
                ADMIN_ID, "admin", hash, AccessRole.ADMIN, null, true, Priority.CRITICAL, Instant.EPOCH, ADMIN_ID);
    }

    /** Reads the keys for the first time; completed also where that is not possible yet. */
    public Future<Void> start() {
        context.health().register(this::check);
        return Future.join(directory.start(context.bus()), ended.start(context.bus()))
                .mapEmpty();
    }

    public void stop() {
        directory.stop();
        ended.stop();
        passwords.close();
    }

    public Authenticator authenticator() {
        return authenticator;
    }

    public KeyAdmin keys() {
        return keys;
    }

    public UserAdmin users() {
        return users;
    }

    public Logins logins() {
        return logins;
    }

    public SecurityTrail trail() {
        return trail;
    }

    /** Whether a credential that was good when something long-lived began is still good. */
    public boolean live(Principal principal) {
        return authenticator.live(principal);
    }

    /** The value of a session cookie for somebody who has just shown a key or a token. */
    public String session(Principal principal) {
        if (principal.session() != null) {
            return logins.cookie(principal);
        }
        KeyTable.Entry entry = directory.table().byId(principal.keyId());
        if (entry == null && !principal.keyId().equals(ADMIN_ID)) {
            throw Fault.of(
                    FaultCode.INVALID_REQUEST, "A session is made from a key or from a token of POST /api/auth/login.");
        }
        Bytes hash = entry == null ? adminHash : entry.key().hash();
        return sessions.issue(
                principal.keyId(), hash, clock.instant().plus(sessionLength()).getEpochSecond());
    }

    public Duration sessionLength() {
        return context.config().auth().session();
    }

    private Check check() {
        Standing least = ended.standing().compareTo(directory.standing()) > 0 ? ended.standing() : directory.standing();
        return switch (least) {
            case CURRENT -> new Check("keys", Status.HEALTHY, null);
            case TRUSTED -> new Check("keys", Status.DEGRADED, "Known keys work; unknown ones are told to come back.");
            case EXPIRED ->
                new Check("keys", Status.UNHEALTHY, "No store answers for too long: only the first admin key works.");
            case UNKNOWN ->
                new Check("keys", Status.DEGRADED, "Keys were not read yet: only the first admin key works.");
        };
    }
}
