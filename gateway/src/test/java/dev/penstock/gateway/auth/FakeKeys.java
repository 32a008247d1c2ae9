package dev.penstock.gateway.auth;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.gateway.audit.Audit;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Keys in memory, which a test takes away and brings back. */
public final class FakeKeys implements KeyStore {
    private final List<KeyRecord> rows = new ArrayList<>();
    private final FakeUsers users = new FakeUsers();
    private boolean up = true;
    private long version;

    /** An {@link Auth} over these keys, and users in memory. */
    public Auth auth(ServiceContext context, Clock clock) {
        return Auth.create(context, new Auth.Stores(this, users), Audit.NONE, clock);
    }

    public synchronized void up(boolean value) {
        up = value;
    }

    @Override
    public synchronized boolean available() {
        return up;
    }

    @Override
    public synchronized Future<List<KeyRecord>> changedSince(long since, int limit) {
        return answer(rows.stream()
                .filter(row -> row.version() > since)
                .sorted(Comparator.comparingLong(KeyRecord::version))
                .limit(limit)
                .toList());
    }

    @Override
    public synchronized Future<KeyRecord> insert(KeyRecord key) {
        if (!up) {
            return away();
        }
        KeyRecord stored = key.stored(null, ++version);
        rows.add(stored);
        return Future.succeededFuture(stored);
    }

    @Override
    public synchronized Future<Optional<KeyRecord>> change(String id, UnaryOperator<KeyRecord> change) {
        return up ? Future.succeededFuture(replace(id, row -> change.apply(row).stored(null, ++version))) : away();
    }

    @Override
    public synchronized Future<Optional<KeyRecord>> revoke(String id) {
        return up ? Future.succeededFuture(replace(id, row -> row.revoked(Instant.EPOCH, ++version))) : away();
    }

    private Optional<KeyRecord> replace(String id, UnaryOperator<KeyRecord> change) {
        Optional<KeyRecord> found =
                rows.stream().filter(row -> row.id().equals(id) && row.live()).findFirst();
        return found.map(row -> {
            KeyRecord now = change.apply(row);
            rows.remove(row);
            rows.add(now);
            return now;
        });
    }

    @Override
    public synchronized Future<List<KeyRecord>> list(int limit) {
        return answer(List.copyOf(rows));
    }

    private <T> Future<T> answer(T value) {
        return up ? Future.succeededFuture(value) : away();
    }

    private static <T> Future<T> away() {
        return Future.failedFuture(Fault.of(FaultCode.UNAVAILABLE, "Postgres is away."));
    }
}
