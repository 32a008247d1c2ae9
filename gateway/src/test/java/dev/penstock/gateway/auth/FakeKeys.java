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

/** Keys in memory, which a test takes away and brings back. */
public final class FakeKeys implements KeyStore {
    private final List<KeyRecord> rows = new ArrayList<>();
    private boolean up = true;
    private long version;

    /** An {@link Auth} over these keys. */
    public Auth auth(ServiceContext context, Clock clock) {
        return Auth.create(context, this, Audit.NONE, clock);
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
        KeyRecord stored = copy(key, null);
        rows.add(stored);
        return Future.succeededFuture(stored);
    }

    @Override
    public synchronized Future<Optional<KeyRecord>> revoke(String id) {
        if (!up) {
            return away();
        }
        Optional<KeyRecord> found =
                rows.stream().filter(row -> row.id().equals(id) && row.live()).findFirst();
        return Future.succeededFuture(found.map(row -> {
            rows.remove(row);
            KeyRecord ended = copy(row, Instant.EPOCH);
            rows.add(ended);
            return ended;
        }));
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

    private KeyRecord copy(KeyRecord key, Instant revokedAt) {
        return new KeyRecord(
                key.id(),
                key.name(),
                key.hash(),
                key.role(),
                key.team(),
                key.unlimited(),
                key.priority(),
                key.createdAt(),
                key.createdBy(),
                revokedAt,
                ++version);
    }
}
