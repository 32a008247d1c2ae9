package dev.penstock.gateway.auth;

import dev.penstock.common.config.AuthConfig;
import dev.penstock.common.contract.MonitorContract.Check;
import dev.penstock.common.contract.MonitorContract.Status;
import dev.penstock.common.contract.Priority;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.common.store.AbsentPostgres;
import dev.penstock.common.unit.Bytes;
import dev.penstock.gateway.audit.Audit;
import dev.penstock.gateway.auth.policy.Hmac;
import dev.penstock.gateway.auth.policy.SessionToken;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything about credentials in one process: made once, started before the server listens, shared by all event loops. */
public final class Auth {
    private static final Logger log = LoggerFactory.getLogger(Auth.class);

    /** The id of the first admin key, which stands in no table. */
    public static final String ADMIN_ID = "key_admin";

    private final ServiceContext context;
    private final KeyDirectory directory;
    private final KeyAuthenticator authenticator;
    private final KeyAdmin keys;
    private final SecurityTrail trail;
    private final SessionToken sessions;
    private final Bytes adminHash;
    private final Clock clock;

    private Auth(ServiceContext context, KeyStore store, Audit audit, Clock clock) {
        this.context = context;
        this.clock = clock;
        byte[] secret = secret(context.config().auth());
        Hmac hashes = Hmac.derived(secret, "keys");
        String adminKey = context.config().auth().adminKey().reveal();
        if (adminKey.isBlank()) {
            log.warn("auth.admin-key is not set: only keys that were made before are known");
        }
        this.adminHash = adminKey.isBlank() ? Bytes.EMPTY : hashes.of(adminKey);
        this.sessions = new SessionToken(Hmac.derived(secret, "sessions"));
        this.trail = new SecurityTrail(context.bus(), audit, context.telemetry(), context.ticker(), clock);
        Revocations revocations = new Revocations(context.redis());
        this.directory = new KeyDirectory(
                context.vertx(), store, revocations, context.config().auth(), context.ticker());
        this.keys = new KeyAdmin(store, directory, revocations, hashes, trail, context.bus(), clock);
        this.authenticator = new KeyAuthenticator(
                directory,
                KeyTable.Entry.of(administrator(adminHash)),
                hashes,
                sessions,
                context.config().server().allowedOrigins(),
                trail,
                clock);
    }

    /** Everybody could compute hashes under a secret that is not there, and two gateways' own would not agree. */
    private static byte[] secret(AuthConfig config) {
        String secret = config.secret().reveal();
        if (secret.isBlank()) {
            throw new IllegalStateException(
                    "auth.secret (PENSTOCK_AUTH_SECRET) is not set; all gateways of a cluster need"
                            + " the same, for example from: openssl rand -hex 32.");
        }
        return secret.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Made, not started.
     *
     * @param audit where logins, changes and refusals are kept
     * @throws IllegalStateException without {@code auth.secret}; whoever runs the gateway gives it one
     */
    public static Auth create(ServiceContext context, Audit audit) {
        boolean stored = !(context.postgres() instanceof AbsentPostgres);
        return new Auth(
                context, stored ? new PostgresKeys(context.postgres()) : new NoKeys(), audit, Clock.systemUTC());
    }

    static Auth create(ServiceContext context, KeyStore store, Audit audit, Clock clock) {
        return new Auth(context, store, audit, clock);
    }

    private static KeyRecord administrator(Bytes hash) {
        return new KeyRecord(
                ADMIN_ID,
                "admin",
                hash,
                AccessRole.ADMIN,
                null,
                true,
                Priority.CRITICAL,
                Instant.EPOCH,
                ADMIN_ID,
                null,
                0);
    }

    /** Reads the keys for the first time; completed also where that is not possible yet. */
    public Future<Void> start() {
        context.health().register(this::check);
        return directory.start(context.bus());
    }

    public void stop() {
        directory.stop();
    }

    public Authenticator authenticator() {
        return authenticator;
    }

    public KeyAdmin keys() {
        return keys;
    }

    public SecurityTrail trail() {
        return trail;
    }

    /** Whether a key that was good when something long-lived began is still good. */
    public boolean live(String keyId) {
        return authenticator.live(keyId);
    }

    /** The value of a session cookie for somebody who has just shown a key. */
    public String session(Principal principal) {
        KeyTable.Entry entry = directory.byId(principal.keyId());
        Bytes hash = entry == null ? adminHash : entry.key().hash();
        return sessions.issue(
                principal.keyId(), hash, clock.instant().plus(sessionLength()).getEpochSecond());
    }

    public Duration sessionLength() {
        return context.config().auth().session();
    }

    private Check check() {
        return switch (directory.standing()) {
            case CURRENT -> new Check("keys", Status.HEALTHY, null);
            case TRUSTED -> new Check("keys", Status.DEGRADED, "Known keys work; unknown ones are told to come back.");
            case EXPIRED ->
                new Check("keys", Status.UNHEALTHY, "No store answers for too long: only the first admin key works.");
            case UNKNOWN ->
                new Check("keys", Status.DEGRADED, "Keys were not read yet: only the first admin key works.");
        };
    }
}
