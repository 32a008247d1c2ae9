package dev.penstock.gateway.limit;

import dev.penstock.common.store.Redis;
import dev.penstock.common.store.Scripts;
import dev.penstock.gateway.policy.RollingWindow;
import dev.penstock.gateway.policy.WindowSet.Limit;
import io.vertx.core.Future;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The script that decides on Redis: its arguments and its answer. Stateless. */
final class LimitScript {
    /** How far ahead of its first use a lease of a smoothed rate may be granted. */
    static final long AHEAD_MILLIS = 150;

    private static final Redis.Script SCRIPT = Scripts.load(LimitScript.class, "limits.lua");
    private static final int FIELDS = 8;

    private final Redis redis;

    /**
     * One subject of a call.
     *
     * @param cost of one call; at least 1
     * @param correction what to add to what was counted; negative to give back
     * @param untilMillis what is given back was counted there, on Redis's clock
     * @param takenMicros and was taken then
     */
    record Part(Counter counter, long cost, long correction, long untilMillis, long takenMicros) {
        static Part of(Counter counter, long cost) {
            return new Part(counter, cost, counter.takeUntold(), 0, 0);
        }
    }

    /**
     * @param admitted calls; 0 for a refusal
     * @param part index of the subject that refused, else of the tightest
     * @param limit index of its limit
     * @param waitMillis until one call would be admitted; -1 for never
     * @param delayMillis until what was admitted may be used
     * @param micros when it was decided, on Redis's clock
     */
    record Reply(
            long admitted,
            int part,
            int limit,
            long remaining,
            long resetMillis,
            long waitMillis,
            long delayMillis,
            long micros) {}

    LimitScript(Redis redis) {
        this.redis = redis;
    }

    /**
     * Asks for calls.
     *
     * @param need calls that wait now
     * @param want calls to set aside, where more than {@code need} as a lease of {@code lifeMillis}; 0 only corrects
     * @return fails where Redis is away; then nothing is known of what was counted
     */
    Future<Reply> ask(List<Part> parts, long need, long want, int gateways, long lifeMillis) {
        List<String> keys = new ArrayList<>(parts.size());
        List<Object> arguments = new ArrayList<>();
        add(arguments, RollingWindow.PARTS, need, want, gateways, lifeMillis, want > need ? AHEAD_MILLIS : 0);
        for (Part part : parts) {
            keys.add(part.counter().key());
            List<Limit> limits = part.counter().limits();
            add(arguments, part.cost(), part.correction(), part.untilMillis(), part.takenMicros(), limits.size());
            for (Limit limit : limits) {
                add(arguments, limit.lengthMillis(), limit.most(), limit.burst());
            }
        }
        return redis.script(SCRIPT, keys, arguments).map(LimitScript::reply).onFailure(cause -> {
            for (Part part : parts) {
                if (part.correction() > 0) {
                    part.counter().tell(part.correction());
                }
            }
        });
    }

    private static void add(List<Object> arguments, long... numbers) {
        for (long number : numbers) {
            arguments.add(Long.toString(number));
        }
    }

    private static Reply reply(@Nullable Response reply) {
        if (reply == null || reply.size() != FIELDS) {
            throw new IllegalStateException("the script of limits answered " + reply);
        }
        return new Reply(
                number(reply, 0),
                (int) number(reply, 1) - 1,
                (int) number(reply, 2) - 1,
                number(reply, 3),
                number(reply, 4),
                number(reply, 5),
                number(reply, 6),
                number(reply, 7));
    }

    private static long number(Response reply, int index) {
        Long value = reply.get(index).toLong();
        return value == null ? 0 : value;
    }
}
