package dev.penstock.common.cluster;

import dev.penstock.common.service.Role;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** One process that is the whole cluster. */
public final class StandaloneMembership implements Membership {
    private static final String SELF = "standalone";

    private final Set<Role> roles = ConcurrentHashMap.newKeySet();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    @Override
    public String self() {
        return SELF;
    }

    @Override
    public List<String> live(Role role) {
        return roles.contains(role) ? List.of(SELF) : List.of();
    }

    @Override
    public void announce(Role role) {
        if (roles.add(role)) {
            listeners.forEach(Runnable::run);
        }
    }

    /** Does nothing: there is nobody else to send the work to, so drained requests still need every role. */
    @Override
    public void withdraw() {}

    /** Never called: the only member cannot watch itself go. */
    @Override
    public void onLeave(Consumer<Set<String>> listener) {}

    @Override
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }
}
