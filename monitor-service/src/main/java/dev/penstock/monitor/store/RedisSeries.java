package dev.penstock.monitor.store;

import dev.penstock.common.store.Redis;
import dev.penstock.common.unit.Bytes;
import dev.penstock.monitor.policy.Slot;
import dev.penstock.monitor.policy.SlotCodec;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cluster's slots in Redis: each slot for an hour, each minute for a day. A key is a slot's start, so that writing
 * twice does no harm and a missing slot is missing.
 */
public final class RedisSeries {
    /** How long slots are kept as they came. */
    public static final Duration SLOTS_FOR = Duration.ofHours(1);
    /** How long minutes are kept. */
    public static final Duration MINUTES_FOR = Duration.ofHours(24);

    private static final Logger log = LoggerFactory.getLogger(RedisSeries.class);
    private static final String SLOT_KEY = "penstock:{ts}:slot:";
    private static final String MINUTE_KEY = "penstock:{ts}:minute:";
    private static final int READ_AT_ONCE = 100;

    private final Redis redis;

    public RedisSeries(Redis redis) {
        this.redis = redis;
    }

    public boolean available() {
        return redis.available();
    }

    public Future<Void> writeSlot(Slot slot) {
        return write(SLOT_KEY, slot, SLOTS_FOR);
    }

    public Future<Void> writeMinute(Slot minute) {
        return write(MINUTE_KEY, minute, MINUTES_FOR);
    }

    /** The slots that are there among those which start at the given times. */
    public Future<List<Slot>> readSlots(List<Long> starts) {
        return read(SLOT_KEY, starts);
    }

    private Future<Void> write(String prefix, Slot slot, Duration keep) {
        return redis.send(
                        Command.SET,
                        prefix + slot.startMillis(),
                        Bytes.of(SlotCodec.encode(slot)),
                        "PX",
                        Long.toString(keep.toMillis()))
                .mapEmpty();
    }

    private Future<List<Slot>> read(String prefix, List<Long> starts) {
        Future<List<Slot>> all = Future.succeededFuture(new ArrayList<>());
        for (int from = 0; from < starts.size(); from += READ_AT_ONCE) {
            List<Long> part = starts.subList(from, Math.min(starts.size(), from + READ_AT_ONCE));
            Object[] keys = part.stream().map(start -> prefix + start).toArray();
            all = all.compose(slots -> redis.send(Command.MGET, keys).map(response -> {
                slots.addAll(decode(response));
                return slots;
            }));
        }
        return all;
    }

    private static List<Slot> decode(@org.jspecify.annotations.Nullable Response response) {
        List<Slot> slots = new ArrayList<>();
        if (response != null) {
            for (Response value : response) {
                if (Objects.nonNull(value)) {
                    try {
                        slots.add(SlotCodec.decode(value.toBytes()));
                    } catch (IllegalArgumentException e) {
                        log.warn("left out a stored slot: {}", e.getMessage());
                    }
                }
            }
        }
        return slots;
    }
}
