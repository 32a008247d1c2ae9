package dev.penstock.common.store;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The Redis of an installation that has none: always away, so that the same code paths hold as in an outage. */
public final class AbsentRedis implements Redis {
    @Override
    public boolean available() {
        return false;
    }

    @Override
    public Future<@Nullable Response> send(Command command, Object... args) {
        return Future.failedFuture(fault());
    }

    @Override
    public Future<List<@Nullable Response>> batch(List<Call> calls) {
        return Future.failedFuture(fault());
    }

    @Override
    public Future<@Nullable Response> script(Script script, List<String> keys, List<?> args) {
        return Future.failedFuture(fault());
    }

    /** Never called: this one does not come back. */
    @Override
    public void onAvailability(Consumer<Boolean> listener) {}

    @Override
    public Future<Void> close() {
        return Future.succeededFuture();
    }

    private static Fault fault() {
        return Fault.of(FaultCode.UNAVAILABLE, "No Redis is configured (redis.url).");
    }
}
