package dev.penstock.gateway.auth;

import dev.penstock.common.store.Redis;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ended keys, told through Redis as well: a gateway that is cut off from Postgres alone still hears of them, and as long
 * as it does its other keys can be trusted.
 */
final class Revocations {
    private static final String KEY = "penstock:{auth}:revoked";
    /** Beyond this the oldest fall out; a gateway would have to be cut off while so many keys are ended. */
    private static final int MOST = 10_000;

    private static final Duration KEPT = Duration.ofDays(7);

    private final Redis redis;

    Revocations(Redis redis) {
        this.redis = redis;
    }

    /** Best effort: Postgres has the truth. */
    Future<Void> add(String id, long nowMillis) {
        return redis.batch(List.of(
                        Redis.Call.of(Command.ZADD, KEY, nowMillis, id),
                        Redis.Call.of(Command.ZREMRANGEBYRANK, KEY, 0, -(MOST + 1)),
                        Redis.Call.of(Command.EXPIRE, KEY, KEPT.toSeconds())))
                .mapEmpty();
    }

    Future<List<String>> read() {
        return redis.send(Command.ZRANGE, KEY, 0, -1).map(Revocations::ids);
    }

    private static List<String> ids(@Nullable Response response) {
        List<String> ids = new ArrayList<>();
        if (response != null) {
            for (Response id : response) {
                ids.add(id.toString());
            }
        }
        return ids;
    }
}
