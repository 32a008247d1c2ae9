package dev.penstock.common.service;

import io.vertx.core.Future;

/** One of the five services. Started once, drained once, stopped once, in that order. */
public interface Service {
    Role role();

    /** Registers consumers and servers; completed when the service can be called. Must not need Redis or Postgres to be up. */
    Future<Void> start(ServiceContext context);

    /** Takes no new work and waits for what is in flight; the caller bounds the wait. */
    Future<Void> drain();

    /** Lets go of everything. */
    Future<Void> stop();
}
