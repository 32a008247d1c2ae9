package dev.penstock.cache.store;

import dev.penstock.common.contract.CacheContract.CacheKey;
import dev.penstock.common.store.Redis;
import dev.penstock.common.unit.Bytes;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Entries in Redis, each with a time to live. Reads of many keys go out in one write. */
final class RedisTier {
    private final Redis redis;
    private final long maxBody;

    RedisTier(Redis redis, long maxBody) {
        this.redis = redis;
        this.maxBody = maxBody;
    }

    /** One result per key, in order. */
    Future<List<Optional<Stamped>>> read(List<CacheKey> keys) {
        return redis.batch(keys.stream()
                        .map(key -> Redis.Call.of(Command.GET, name(key)))
                        .toList())
                .map(responses -> {
                    List<Optional<Stamped>> found = new ArrayList<>(responses.size());
                    for (Response response : responses) {
                        found.add(decode(response));
                    }
                    return found;
                });
    }

    Future<Void> write(CacheKey key, Bytes envelope, Duration left) {
        return redis.send(Command.SET, name(key), envelope, "PX", Math.max(1, left.toMillis()))
                .mapEmpty();
    }

    Future<Void> delete(List<CacheKey> keys) {
        return redis.batch(keys.stream()
                        .map(key -> Redis.Call.of(Command.UNLINK, name(key)))
                        .toList())
                .mapEmpty();
    }

    private Optional<Stamped> decode(@Nullable Response response) {
        return response == null ? Optional.empty() : Envelope.decode(response.toBytes(), maxBody);
    }

    /** The tag in braces lets a Redis Cluster place what belongs to one entry in one slot. */
    static String name(CacheKey key) {
        return "penstock:{c:" + key.type().name().toLowerCase(Locale.ROOT) + ":" + Long.toHexString(key.high()) + ":"
                + Long.toHexString(key.low()) + "}";
    }
}
