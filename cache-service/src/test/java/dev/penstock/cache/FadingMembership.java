package dev.penstock.cache;

import dev.penstock.common.cluster.Membership;
import dev.penstock.common.cluster.StandaloneMembership;
import dev.penstock.common.service.Role;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** One process, told by the test that others left. */
final class FadingMembership implements Membership {
    private final StandaloneMembership self = new StandaloneMembership();
    private final List<Consumer<Set<String>>> listeners = new CopyOnWriteArrayList<>();

    /** As if that member had died. */
    void lose(String member) {
        listeners.forEach(listener -> listener.accept(Set.of(member)));
    }

    @Override
    public String self() {
        return self.self();
    }

    @Override
    public List<String> live(Role role) {
        return self.live(role);
    }

    @Override
    public void announce(Role role) {
        self.announce(role);
    }

    @Override
    public void withdraw() {
        self.withdraw();
    }

    @Override
    public void onLeave(Consumer<Set<String>> listener) {
        listeners.add(listener);
    }

    @Override
    public void onChange(Runnable listener) {
        self.onChange(listener);
    }
}
