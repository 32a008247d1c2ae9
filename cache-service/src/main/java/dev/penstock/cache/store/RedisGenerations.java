package dev.penstock.cache.store;

import dev.penstock.cache.policy.Generations.Mark;
import dev.penstock.cache.policy.ScopeNames;
import dev.penstock.common.contract.CacheContract.Scope;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.store.Redis;
import dev.penstock.common.store.Scripts;
import io.vertx.core.Future;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Invalidations in Redis: the usual giver of numbers, read by every member each second. Bounded by the scripts. */
public final class RedisGenerations {
    private static final List<String> KEYS = List.of("penstock:{gen}", "penstock:{gen}:keys");
    private static final int MAX_SCOPES = 10_000;
    private static final int MAX_KEYS = 10_000;
    /** Marks per script call, which stops all else in Redis while it runs: a fraction of a millisecond. */
    private static final int CHUNK = 500;

    private final Redis redis;
    private final Redis.Script invalidate = Scripts.load(RedisGenerations.class, "invalidate.lua");
    private final Redis.Script merge = Scripts.load(RedisGenerations.class, "merge.lua");
    private final Redis.Script read = Scripts.load(RedisGenerations.class, "read.lua");

    public RedisGenerations(Redis redis) {
        this.redis = redis;
    }

    /** Numbers and remembers an invalidation; the number is above {@code floor}. */
    public Future<Long> invalidate(Scope scope, long floor) {
        return redis.script(invalidate, KEYS, List.of(ScopeNames.of(scope), floor, MAX_SCOPES, MAX_KEYS))
                .compose(RedisGenerations::number);
    }

    /** What is new since {@code known}; everything for -1. */
    public Future<Known> read(long known) {
        return redis.script(read, KEYS, List.of(known)).map(RedisGenerations::known);
    }

    /** Teaches Redis {@code marks}, in pieces. */
    public Future<Void> merge(List<Mark> marks, long highest) {
        List<Mark> head = marks.subList(0, Math.min(CHUNK, marks.size()));
        List<Object> args = new ArrayList<>(List.of(highest, MAX_SCOPES, MAX_KEYS));
        for (Mark mark : head) {
            args.add(ScopeNames.of(mark.scope()));
            args.add(mark.number());
        }
        Future<Void> done = redis.script(merge, KEYS, args).mapEmpty();
        return head.size() == marks.size()
                ? done
                : done.compose(ignored -> merge(marks.subList(head.size(), marks.size()), highest));
    }

    private static Future<Long> number(@Nullable Response response) {
        return response == null
                ? Future.failedFuture(Fault.of(FaultCode.UNAVAILABLE, "Redis gave no number."))
                : Future.succeededFuture(Long.parseLong(response.toString()));
    }

    private static Known known(@Nullable Response response) {
        if (response == null || response.size() == 0) {
            return new Known(0, List.of());
        }
        List<Mark> marks = new ArrayList<>();
        for (int i = 1; i + 1 < response.size(); i += 2) {
            long number = number(response, i + 1);
            ScopeNames.parse(response.get(i).toString()).ifPresent(scope -> marks.add(new Mark(scope, number)));
        }
        return new Known(number(response, 0), marks);
    }

    /** The scripts give numbers as text: Lua's own would be cut to 32 or 53 bits on the way. */
    private static long number(Response response, int index) {
        return Long.parseLong(response.get(index).toString());
    }
}
