package dev.penstock.gateway.auth;

import dev.penstock.common.store.Redis;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What ended, told through Redis as well: a gateway that is cut off from Postgres alone still hears of it, and as long
 * as it does its other keys and tokens can be trusted.
 */
final class Revocations {
    static final String KEYS = "penstock:{auth}:revoked";
    static final String SESSIONS = "penstock:{auth}:ended";
    /** Beyond this the oldest fall out; a gateway would have to be cut off while so many are ended. */
    private static final int MOST = 10_000;

    private static final Duration KEPT = Duration.ofDays(7);

    private final Redis redis;
    private final String set;

    /** @param set one of the names above */
    Revocations(Redis redis, String set) {
        this.redis = redis;
        this.set = set;
    }

    /** Best effort: Postgres has the truth. */
    Future<Void> add(Collection<String> ids, long nowMillis) {
        if (ids.isEmpty()) {
            return Future.succeededFuture();
        }
        List<Object> arguments = new ArrayList<>();
        arguments.add(set);
        for (String id : ids) {
            arguments.add(nowMillis);
            arguments.add(id);
        }
        return redis.batch(List.of(
                        Redis.Call.of(Command.ZADD, arguments.toArray()),
                        Redis.Call.of(Command.ZREMRANGEBYRANK, set, 0, -(MOST + 1)),
                        Redis.Call.of(Command.EXPIRE, set, KEPT.toSeconds())))
                .mapEmpty();
    }

    /** Of what works again. */
    Future<Void> remove(Collection<String> ids) {
        if (ids.isEmpty()) {
            return Future.succeededFuture();
        }
        List<Object> arguments = new ArrayList<>();
        arguments.add(set);
        arguments.addAll(ids);
        return redis.send(Command.ZREM, arguments.toArray()).mapEmpty();
    }

    /** What was told at that time or later, Unix milliseconds. */
    Future<List<String>> since(long millis) {
        return redis.send(Command.ZRANGE, set, millis, "+inf", "BYSCORE").map(Revocations::ids);
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
