package dev.penstock.common.cluster;

import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipAdapter;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.core.EntryAdapter;
import com.hazelcast.core.EntryEvent;
import com.hazelcast.core.HazelcastException;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceNotActiveException;
import com.hazelcast.core.LifecycleEvent;
import com.hazelcast.map.MapEvent;
import com.hazelcast.replicatedmap.ReplicatedMap;
import dev.penstock.common.service.Role;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Membership from Hazelcast. Each member writes its roles into a replicated map under its Vert.x node id; a member is
 * live in a role while it has announced it and is in the cluster. Reads are of a snapshot; all changes, which may block,
 * are made one after the other on a thread of their own, where the listeners are called too.
 *
 * <p>A member's own entry is written again each second where it is missing or wrong: after a split has healed the map of
 * the other side wins.
 */
public final class HazelcastMembership implements Membership {
    static final String ROLES = "penstock.members";

    private static final Logger log = LoggerFactory.getLogger(HazelcastMembership.class);
    /** Set by the Vert.x cluster manager on each member. */
    private static final String NODE_ID = "__vertx.nodeId";

    private static final long CHECK_MILLIS = 1_000;
    /** Vert.x was seen to take up to 2 s to register consumers again. */
    private static final Duration HOLD_BACK = Duration.ofSeconds(4);

    private final HazelcastInstance hazelcast;
    private final String self;
    private final ReplicatedMap<String, String> announced;
    private final ExecutorService changes = Executors.newSingleThreadExecutor(
            Thread.ofVirtual().name("membership").factory());
    private final List<Consumer<Set<String>>> leaveListeners = new CopyOnWriteArrayList<>();
    private final List<Runnable> changeListeners = new CopyOnWriteArrayList<>();
    /** Of this process; touched on the thread of changes alone. */
    private final Set<Role> roles = EnumSet.noneOf(Role.class);

    /** As {@link #roles}. */
    private boolean held;

    private long heldUntilNanos;
    private volatile Snapshot snapshot = Snapshot.EMPTY;

    private HazelcastMembership(HazelcastClusterManager manager) {
        this.hazelcast = manager.getHazelcastInstance();
        this.self = manager.getNodeId();
        this.announced = hazelcast.getReplicatedMap(ROLES);
    }

    /** Reads of the cluster may block, hence off the event loop. */
    static Future<HazelcastMembership> open(Vertx vertx, HazelcastClusterManager manager) {
        return vertx.executeBlocking(() -> new HazelcastMembership(manager), false)
                .map(made -> {
                    HazelcastMembership membership = Objects.requireNonNull(made);
                    membership.listen();
                    membership.change(membership::refresh);
                    vertx.setPeriodic(CHECK_MILLIS, ignored -> membership.change(membership::refresh));
                    return membership;
                });
    }

    @Override
    public String self() {
        return self;
    }

    @Override
    public List<String> live(Role role) {
        return snapshot.live(role);
    }

    @Override
    public boolean present(String member) {
        return snapshot.members().contains(member);
    }

    /** Everybody in the cluster but this process, whatever they serve. */
    public List<String> peers() {
        return snapshot.members().stream()
                .filter(member -> !member.equals(self))
                .toList();
    }

    @Override
    public void announce(Role role) {
        change(() -> {
            roles.add(role);
            refresh();
        });
    }

    @Override
    public void withdraw() {
        change(() -> {
            roles.clear();
            refresh();
        });
    }

    @Override
    public void onLeave(Consumer<Set<String>> listener) {
        leaveListeners.add(listener);
    }

    @Override
    public void onChange(Runnable listener) {
        changeListeners.add(listener);
    }

    private void listen() {
        hazelcast.getCluster().addMembershipListener(new MembershipAdapter() {
            @Override
            public void memberAdded(MembershipEvent event) {
                change(HazelcastMembership.this::refresh);
            }

            @Override
            public void memberRemoved(MembershipEvent event) {
                change(HazelcastMembership.this::refresh);
            }
        });
        hazelcast.getLifecycleService().addLifecycleListener(event -> {
            if (event.getState() == LifecycleEvent.LifecycleState.MERGED) {
                change(this::holdBack);
            }
        });
        announced.addEntryListener(new EntryAdapter<>() {
            @Override
            public void onEntryEvent(EntryEvent<String, String> event) {
                change(HazelcastMembership.this::refresh);
            }

            @Override
            public void onMapEvent(MapEvent event) {
                change(HazelcastMembership.this::refresh);
            }
        });
    }

    private void change(Runnable work) {
        try {
            changes.execute(() -> {
                try {
                    work.run();
                } catch (HazelcastInstanceNotActiveException _) {
                    log.debug("this member has left");
                } catch (HazelcastException | IllegalStateException e) {
                    // Tried again within a second.
                    log.warn("membership could not be brought up to date: {}", String.valueOf(e.getMessage()));
                }
            });
        } catch (RejectedExecutionException e) {
            log.debug("this member has left", e);
        }
    }

    private void refresh() {
        publishOwnRoles();
        Set<String> members = new TreeSet<>();
        for (Member member : hazelcast.getCluster().getMembers()) {
            String id = member.getAttribute(NODE_ID);
            if (id != null) {
                members.add(id);
            }
        }
        Snapshot before = snapshot;
        Snapshot after = Snapshot.of(members, Map.copyOf(announced));
        if (after.equals(before)) {
            return;
        }
        snapshot = after;
        Set<String> gone = new HashSet<>(before.members());
        gone.removeAll(after.members());
        log.info("cluster: {}", after.summary());
        if (!gone.isEmpty()) {
            gone.forEach(this::forget);
            leaveListeners.forEach(listener -> call(() -> listener.accept(Set.copyOf(gone))));
        }
        changeListeners.forEach(HazelcastMembership::call);
    }

    /**
     * Back from a split or a freeze, this member's consumers are known to the others only after a while: until then
     * calls to it would fail.
     */
    private void holdBack() {
        heldUntilNanos = System.nanoTime() + HOLD_BACK.toNanos();
        held = true;
        refresh();
    }

    private void publishOwnRoles() {
        held = held && System.nanoTime() - heldUntilNanos < 0;
        String mine = held ? "" : Snapshot.text(roles);
        if (!mine.equals(announced.get(self))) {
            announced.put(self, mine);
        }
    }

    /** Everybody does so: it is idempotent, and the one who would be chosen might die too. */
    private void forget(String member) {
        if (announced.containsKey(member)) {
            announced.remove(member);
        }
    }

    private static void call(Runnable listener) {
        try {
            listener.run();
        } catch (RuntimeException e) {
            log.error("a listener to membership failed", e);
        }
    }
}
