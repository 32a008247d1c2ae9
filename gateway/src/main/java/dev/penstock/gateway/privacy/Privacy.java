package dev.penstock.gateway.privacy;

import dev.penstock.common.bus.CallContext;
import dev.penstock.common.contract.CacheContract;
import dev.penstock.common.contract.CacheContract.Invalidate;
import dev.penstock.common.contract.SecurityContract.Kind;
import dev.penstock.common.crypto.FieldCipher;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.gateway.audit.Audit;
import dev.penstock.gateway.audit.AuditReader;
import dev.penstock.gateway.auth.Auth;
import dev.penstock.gateway.auth.Caller;
import dev.penstock.gateway.auth.Principal;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One person's data over all stores: shown, made anonymous, or erased. A subject is the id of a user or of a key. Needs
 * Postgres: while it is away each call fails, rather than doing half. Safe for many threads.
 */
public final class Privacy {
    private static final Logger log = LoggerFactory.getLogger(Privacy.class);
    private static final int MOST_ACTS = 10_000;
    /** Longer than keys and tokens work on elsewhere, and than it takes until what they used is written. */
    private static final Duration LATE = Duration.ofSeconds(5);

    private final ServiceContext services;
    private final Auth auth;
    private final Audit audit;
    private final AuditReader trail;
    private final Supplier<Future<Void>> flush;
    private final PrivacyTables tables;
    private final PrivacyRedis redis;

    /** @param flush writes what was used and waits in this process; its outcome does not matter */
    public Privacy(ServiceContext services, Auth auth, Audit audit, AuditReader trail, Supplier<Future<Void>> flush) {
        this.services = services;
        this.auth = auth;
        this.audit = audit;
        this.trail = trail;
        this.flush = flush;
        this.tables = new PrivacyTables(services.postgres(), FieldCipher.of(services.config()));
        this.redis = new PrivacyRedis(services.redis());
    }

    /** What was found, as tables of rows, keys of Redis and acts of the audit trail. */
    public record Export(JsonObject tables, List<String> redis, List<AuditReader.Row> acts) {}

    /** All that is known of a subject, up to 10,000 rows of each store. */
    public Future<Export> export(String subject, Principal by, String address, CallContext call) {
        return flush.get()
                .otherwiseEmpty()
                .compose(flushed -> tables.names(subject))
                .compose(names -> tables.export(names)
                        .compose(rows -> trail.concerning(names, MOST_ACTS)
                                .compose(acts -> redis.keys(names).map(keys -> new Export(rows, keys, acts)))))
                .compose(found -> {
                    // Somebody who was erased must not come back through the record of a question about them.
                    boolean nothing = found.tables().isEmpty() && found.acts().isEmpty();
                    String target = nothing ? "nobody known" : subject;
                    return audit.record(act(Kind.PRIVACY_EXPORTED, by, address, call, target, "shown"))
                            .map(found);
                });
    }

    /**
     * Ends the subject's sessions and keys and puts random pseudonyms in the place of every identifier: counts stay as
     * they are. A user cannot sign in any more.
     */
    public Future<Void> anonymise(String subject, Principal by, String address, CallContext call) {
        return remove(subject, Kind.PRIVACY_ANONYMISED, by, address, call);
    }

    /**
     * Ends the subject's sessions and keys and deletes what is about them alone; the rest stays under a random pseudonym.
     */
    public Future<Void> erase(String subject, Principal by, String address, CallContext call) {
        return remove(subject, Kind.PRIVACY_ERASED, by, address, call);
    }

    private Future<Void> remove(String subject, Kind kind, Principal by, String address, CallContext call) {
        return tables.names(subject).compose(names -> {
            if (names.contains(by.keyId()) || (by.user() != null && names.contains(by.user()))) {
                throw Fault.of(
                        FaultCode.CONFLICT,
                        "Nobody removes themselves: what they do would be recorded under them again. Have another"
                                + " administrator do it.");
            }
            Map<String, String> pseudonyms = new HashMap<>();
            names.forEach(name -> pseudonyms.put(name, "anon_" + UUID.randomUUID()));
            boolean erase = kind == Kind.PRIVACY_ERASED;
            Caller caller = new Caller(by.keyId(), address, call);
            return ended(auth.users().retire(subject, caller))
                    .compose(done -> endKeys(names, caller))
                    .compose(done -> flush.get().otherwiseEmpty())
                    .compose(done -> tables.remove(pseudonyms, erase))
                    .onSuccess(done -> removeLate(pseudonyms, erase))
                    .compose(done -> forgetCached(names, call))
                    .compose(done -> redis.delete(names))
                    // Last: ending the keys is itself an act about them.
                    .compose(done -> trail.forget(names))
                    .compose(refs -> audit.record(act(
                            kind,
                            by,
                            address,
                            call,
                            refs.isEmpty() ? "nobody known" : refs.getFirst(),
                            "all data of this pseudonym")));
        });
    }

    private Future<Void> endKeys(Set<String> names, Caller by) {
        Future<Void> chain = Future.succeededFuture();
        for (String name : names) {
            chain = chain.compose(done -> ended(auth.keys().revoke(name, by)));
        }
        return chain;
    }

    private static Future<Void> ended(Future<Void> end) {
        return end.recover(cause -> {
            boolean none = cause instanceof Fault fault && fault.code() == FaultCode.NOT_FOUND;
            return none ? Future.succeededFuture() : Future.failedFuture(cause);
        });
    }

    /** What other gateways still had to write of calls that were under way. */
    private void removeLate(Map<String, String> pseudonyms, boolean erase) {
        services.vertx()
                .setTimer(
                        LATE.toMillis(),
                        id -> tables.remove(pseudonyms, erase)
                                .onFailure(cause -> log.error(
                                        "what was written while somebody was removed is not removed; do it once more",
                                        cause)));
    }

    /** Every tier forgets what was kept for these alone; a team's answers are the team's. */
    private Future<Void> forgetCached(Set<String> names, CallContext call) {
        Future<Void> chain = Future.succeededFuture();
        for (String name : names) {
            for (String tenant : List.of("key:" + name, "user:" + name)) {
                Invalidate all = new Invalidate(new CacheContract.Scope(tenant, null, null));
                chain = chain.compose(done -> services.bus()
                        .callAny(CacheContract.INVALIDATE, all, call)
                        .mapEmpty());
            }
        }
        return chain;
    }

    private static Audit.Act act(
            Kind kind, Principal by, String address, CallContext call, String target, String detail) {
        return new Audit.Act(kind, by.keyId(), address, call.correlationId(), target, true, detail);
    }
}
