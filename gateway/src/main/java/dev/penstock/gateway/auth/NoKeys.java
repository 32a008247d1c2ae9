package dev.penstock.gateway.auth;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Where no Postgres is configured: the first admin key is the only one, and that is certain. */
final class NoKeys implements KeyStore {
    @Override
    public boolean available() {
        return true;
    }

    @Override
    public Future<List<KeyRecord>> changedSince(long version, int limit) {
        return Future.succeededFuture(List.of());
    }

    @Override
    public Future<KeyRecord> insert(KeyRecord key) {
        return Future.failedFuture(
                Fault.of(FaultCode.UNAVAILABLE, "Keys are kept in Postgres, and none is configured (postgres.url)."));
    }

    @Override
    public Future<Optional<KeyRecord>> change(String id, UnaryOperator<KeyRecord> change) {
        return Future.succeededFuture(Optional.empty());
    }

    @Override
    public Future<Optional<KeyRecord>> revoke(String id) {
        return Future.succeededFuture(Optional.empty());
    }

    @Override
    public Future<List<KeyRecord>> list(int limit) {
        return Future.succeededFuture(List.of());
    }
}
