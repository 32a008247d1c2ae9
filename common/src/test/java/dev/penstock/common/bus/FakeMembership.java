package dev.penstock.common.bus;

import dev.penstock.common.cluster.Membership;
import dev.penstock.common.service.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** A membership that a test changes by hand. */
final class FakeMembership implements Membership {
    private final String self;
    private final List<String> members = new ArrayList<>();
    private final List<Consumer<Set<String>>> leaveListeners = new ArrayList<>();

    FakeMembership(String self, String... members) {
        this.self = self;
        this.members.addAll(List.of(members));
    }

    void leave(String member) {
        members.remove(member);
        leaveListeners.forEach(listener -> listener.accept(Set.of(member)));
    }

    @Override
    public String self() {
        return self;
    }

    @Override
    public List<String> live(Role role) {
        return List.copyOf(members);
    }

    @Override
    public void announce(Role role) {}

    @Override
    public void withdraw() {}

    @Override
    public void onLeave(Consumer<Set<String>> listener) {
        leaveListeners.add(listener);
    }

    @Override
    public void onChange(Runnable listener) {}
}
