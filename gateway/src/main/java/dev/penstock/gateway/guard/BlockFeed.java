package dev.penstock.gateway.guard;

import dev.penstock.common.store.Redis;
import dev.penstock.gateway.guard.policy.Block;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blocks and lifts told through Redis as well, so that a gateway which is cut off from Postgres hears of them, and those
 * made without Postgres reach gateways that start later. Best effort: Postgres has the truth. Confined to one context.
 */
final class BlockFeed {
    static final String SET = "penstock:{guard}:blocks";
    private static final Logger log = LoggerFactory.getLogger(BlockFeed.class);
    /** Beyond this the oldest fall out. */
    private static final int MOST = 10_000;

    private static final Duration KEPT = Duration.ofDays(7);
    /** Covers writes that were under way and clocks that differ. */
    private static final Duration OVERLAP = Duration.ofMinutes(1);

    private final Context context;
    private final Redis redis;
    /** What was heard already, oldest first. */
    private final Set<String> known = new LinkedHashSet<>();

    private long heardMillis;
    private boolean hearing;

    BlockFeed(Context context, Redis redis) {
        this.context = context;
        this.redis = redis;
    }

    void tell(Block block, long nowMillis) {
        if (!redis.available()) {
            return;
        }
        redis.batch(List.of(
                        Redis.Call.of(
                                Command.ZADD,
                                SET,
                                nowMillis,
                                BlockText.json(block).encode()),
                        Redis.Call.of(Command.ZREMRANGEBYRANK, SET, 0, -(MOST + 1)),
                        Redis.Call.of(Command.EXPIRE, SET, KEPT.toSeconds())))
                .onFailure(cause -> log.debug("Redis was not told of a block: {}", cause.toString()));
    }

    /** What was told since the last time, oldest first; a failure is as nothing, since the next call asks again. */
    Future<List<Block>> news(long nowMillis) {
        if (hearing || !redis.available()) {
            return Future.succeededFuture(List.of());
        }
        hearing = true;
        long since = Math.max(0, heardMillis - OVERLAP.toMillis());
        return Hop.to(context, redis.send(Command.ZRANGE, SET, since, "+inf", "BYSCORE"))
                .transform(answer -> {
                    hearing = false;
                    if (answer.failed()) {
                        return Future.succeededFuture(List.of());
                    }
                    heardMillis = nowMillis;
                    return Future.succeededFuture(fresh(answer.result()));
                });
    }

    private List<Block> fresh(@Nullable Response response) {
        List<Block> blocks = new ArrayList<>();
        if (response == null) {
            return blocks;
        }
        for (Response entry : response) {
            String text = entry.toString();
            Block block = known.add(text) ? read(text) : null;
            if (block != null) {
                blocks.add(block);
            }
        }
        var oldest = known.iterator();
        for (int i = known.size(); i > MOST; i--) {
            oldest.next();
            oldest.remove();
        }
        return blocks;
    }

    private static @Nullable Block read(String text) {
        try {
            return BlockText.read(new JsonObject(text));
        } catch (DecodeException _) {
            return null;
        }
    }
}
