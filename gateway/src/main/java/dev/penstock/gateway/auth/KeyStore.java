package dev.penstock.gateway.auth;

import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Where keys last. Every call fails with {@code UNAVAILABLE} while it is away. */
interface KeyStore extends Follower.Source<KeyRecord> {
    /** Stores a new key; the result carries its version. */
    Future<KeyRecord> insert(KeyRecord key);

    /** Changes a live key, alone on it; empty where no live key has that id. May fail with what {@code change} throws. */
    Future<Optional<KeyRecord>> change(String id, UnaryOperator<KeyRecord> change);

    /** Ends a key; empty where no live key has that id. */
    Future<Optional<KeyRecord>> revoke(String id);

    /** The newest keys, revoked ones too. */
    Future<List<KeyRecord>> list(int limit);
}
