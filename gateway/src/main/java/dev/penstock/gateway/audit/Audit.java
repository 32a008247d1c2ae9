package dev.penstock.gateway.audit;

import dev.penstock.common.contract.SecurityContract.Kind;
import io.vertx.core.Future;

/** The record of logins, changes, privacy actions and refusals that nobody can change afterwards. Safe for many threads. */
@FunctionalInterface
public interface Audit {
    /** Keeps nothing: for tests. */
    Audit NONE = act -> Future.succeededFuture();

    /**
     * Something that was done or refused.
     *
     * @param actor the id of a key, user or session, or {@code anonymous}; never a credential
     * @param target what it was done to: the id of a key, user, team, budget, block, or the name of an operation
     * @param detail one line for people, without secrets
     */
    record Act(
            Kind kind,
            String actor,
            String address,
            String correlationId,
            String target,
            boolean allowed,
            String detail) {}

    /** Complete once the act is durable, in Postgres or in the local spool; never fails for the caller's sake. */
    Future<Void> record(Act act);
}
