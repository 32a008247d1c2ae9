package dev.penstock.gateway.auth;

import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/** Where keys last. Every call fails with {@code UNAVAILABLE} while it is away. */
interface KeyStore {
    /** Whether reads can be expected to succeed now. */
    boolean available();

    /** Rows with a greater version, oldest first, at most {@code limit}; revoked ones too. */
    Future<List<KeyRecord>> changedSince(long version, int limit);

    /** Stores a new key; the result carries its version. */
    Future<KeyRecord> insert(KeyRecord key);

    /** Ends a key; empty where no live key has that id. */
    Future<Optional<KeyRecord>> revoke(String id);

    /** The newest keys, revoked ones too. */
    Future<List<KeyRecord>> list(int limit);
}
