package dev.penstock.batching.policy;

import dev.penstock.common.contract.Priority;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What waits, in the order in which it should go.
 *
 * <p>Each entry has a <em>virtual deadline</em>: when it came plus the patience of its class, at most its real deadline.
 * The class whose next entry has the earliest one goes first (EDF between classes), inside a class tenants take turns,
 * and inside a tenant the earliest goes first. Strict priorities would let a steady stream of urgent work starve the
 * rest; here urgent work that comes later than {@code patience(LOW) - patience(HIGH)} after an entry cannot overtake it
 * any more, so every wait has a bound.
 *
 * <p>Offer and poll cost O(log n) of one tenant's entries. A removed entry is only marked and thrown out when it is
 * reached, or when more than half of what is held is dead. Not safe for use by several threads.
 */
public final class FairQueue<T> {
    private static final int DEAD_ALLOWED = 64;

    /** One thing that waits; the handle for taking it out. */
    public static final class Entry<T> {
        private final T value;
        private final Tier<T> tier;
        private final int weight;
        private final long virtualDeadline;
        private final long deadline;
        private final long sequence;
        private boolean queued = true;

        private Entry(T value, Tier<T> tier, int weight, long due, long deadline, long sequence) {
            this.value = value;
            this.tier = tier;
            this.weight = weight;
            this.virtualDeadline = due;
            this.deadline = deadline;
            this.sequence = sequence;
        }

        public T value() {
            return value;
        }

        /** In the lane's unit, at least 1. */
        public int weight() {
            return weight;
        }

        /** The real deadline, on the ticker's scale. */
        public long deadline() {
            return deadline;
        }

        /** When it should go, on the ticker's scale. */
        public long virtualDeadline() {
            return virtualDeadline;
        }

        private static int earlier(Entry<?> a, Entry<?> b) {
            long apart = a.virtualDeadline - b.virtualDeadline;
            return apart != 0 ? Long.signum(apart) : Long.compare(a.sequence, b.sequence);
        }
    }

    private static final class Tenant<T> {
        private final String name;
        private final PriorityQueue<Entry<T>> entries = new PriorityQueue<>(Entry::earlier);

        private Tenant(String name) {
            this.name = name;
        }
    }

    private static final class Tier<T> {
        private final Map<String, Tenant<T>> tenants = new HashMap<>();
        /** Whose turn it is; holds exactly the tenants that hold entries. */
        private final ArrayDeque<Tenant<T>> turns = new ArrayDeque<>();

        private int live;
    }

    private final Map<Priority, Tier<T>> tiers = new EnumMap<>(Priority.class);
    private int live;
    private int dead;
    private long sequence;

    public FairQueue() {
        for (Priority priority : Priority.values()) {
            tiers.put(priority, new Tier<>());
        }
    }

    /** How long work of a class may be made to wait by work that comes later, in nanoseconds. */
    public static long patienceNanos(Priority priority) {
        return switch (priority) {
            case CRITICAL -> 10_000_000L;
            case HIGH -> 50_000_000L;
            case NORMAL -> 250_000_000L;
            case LOW -> 2_000_000_000L;
        };
    }

    /** Adds {@code value}; the caller bounds the size. */
    public Entry<T> offer(T value, Priority priority, String tenant, int weight, long nowNanos, long deadline) {
        long due = nowNanos + patienceNanos(priority);
        Tier<T> tier = tier(priority);
        Entry<T> entry = new Entry<>(value, tier, weight, deadline - due < 0 ? deadline : due, deadline, sequence++);
        Tenant<T> queue = tier.tenants.get(tenant);
        if (queue == null) {
            queue = new Tenant<>(tenant);
            tier.tenants.put(tenant, queue);
            tier.turns.add(queue);
        }
        queue.entries.add(entry);
        tier.live++;
        live++;
        return entry;
    }

    /** What goes next; null when nothing waits. */
    public @Nullable Entry<T> peek() {
        Entry<T> best = null;
        for (Tier<T> tier : tiers.values()) {
            Entry<T> head = tier.live == 0 ? null : head(tier);
            if (head != null && (best == null || head.virtualDeadline - best.virtualDeadline < 0)) {
                best = head;
            }
        }
        return best;
    }

    /** Takes what goes next and passes the turn to the tenant after it. */
    public @Nullable Entry<T> poll() {
        Entry<T> entry = peek();
        if (entry == null) {
            return null;
        }
        Tier<T> tier = entry.tier;
        Tenant<T> tenant = tier.turns.remove();
        tenant.entries.remove();
        if (tenant.entries.isEmpty()) {
            tier.tenants.remove(tenant.name);
        } else {
            tier.turns.add(tenant);
        }
        forget(entry);
        return entry;
    }

    /** Takes {@code entry} out; false if it has left already. */
    public boolean remove(Entry<T> entry) {
        if (!entry.queued) {
            return false;
        }
        forget(entry);
        dead++;
        if (dead > DEAD_ALLOWED && dead > live) {
            sweep(e -> false);
        }
        return true;
    }

    /** Takes out and returns everything that {@code unwanted} picks. O(n). */
    public List<T> removeIf(Predicate<Entry<T>> unwanted) {
        return live == 0 ? List.of() : sweep(unwanted);
    }

    /** What waits. */
    public int size() {
        return live;
    }

    public boolean isEmpty() {
        return live == 0;
    }

    /** How much waits that a newcomer of this class does not overtake. */
    public int ahead(Priority priority) {
        int count = 0;
        for (Map.Entry<Priority, Tier<T>> tier : tiers.entrySet()) {
            count += tier.getKey().compareTo(priority) <= 0 ? tier.getValue().live : 0;
        }
        return count;
    }

    private @Nullable Entry<T> head(Tier<T> tier) {
        while (!tier.turns.isEmpty()) {
            Tenant<T> tenant = tier.turns.element();
            Entry<T> head = tenant.entries.peek();
            while (head != null && !head.queued) {
                tenant.entries.remove();
                dead--;
                head = tenant.entries.peek();
            }
            if (head != null) {
                return head;
            }
            tier.turns.remove();
            tier.tenants.remove(tenant.name);
        }
        return null;
    }

    private List<T> sweep(Predicate<Entry<T>> unwanted) {
        List<T> taken = new ArrayList<>();
        for (Tier<T> tier : tiers.values()) {
            for (Iterator<Tenant<T>> turns = tier.turns.iterator(); turns.hasNext(); ) {
                Tenant<T> tenant = turns.next();
                tenant.entries.removeIf(entry -> {
                    if (entry.queued && unwanted.test(entry)) {
                        forget(entry);
                        taken.add(entry.value);
                    }
                    return !entry.queued;
                });
                if (tenant.entries.isEmpty()) {
                    turns.remove();
                    tier.tenants.remove(tenant.name);
                }
            }
        }
        dead = 0;
        return taken;
    }

    private Tier<T> tier(Priority priority) {
        return Objects.requireNonNull(tiers.get(priority));
    }

    private void forget(Entry<T> entry) {
        entry.queued = false;
        entry.tier.live--;
        live--;
    }
}
