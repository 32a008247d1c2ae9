package dev.penstock.common.cluster;

import dev.penstock.common.service.Role;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Who is alive and ready to serve. Reads are lock-free snapshots and may be made on any thread; in standalone mode the
 * only member is this process and serves every role.
 */
public interface Membership {
    /** This process. */
    String self();

    /** Ids of the members that serve {@code role} now, in a stable order. Drained or dead members are not among them. */
    List<String> live(Role role);

    /**
     * The member that owns {@code hash} among those of {@code role}, by rendezvous hashing: when a member goes only its
     * own share moves. Empty while nobody serves the role.
     */
    default Optional<String> owner(Role role, long hash) {
        return Rendezvous.pick(live(role), hash);
    }

    /** {@link #owner(Role, long)} of a name, such as a model's. */
    default Optional<String> owner(Role role, String name) {
        return owner(role, Rendezvous.hash(name));
    }

    /**
     * Whether {@code member} is in the cluster, whatever it serves: one that drains still answers. True where nobody can
     * tell.
     */
    default boolean present(String member) {
        return true;
    }

    /** Announces that this process serves {@code role} from now on: its consumers are registered. */
    void announce(Role role);

    /** Takes this process out of every role, before it drains. */
    void withdraw();

    /** Calls {@code listener} with the members that are gone after each change that lost any; on an arbitrary thread. */
    void onLeave(Consumer<Set<String>> listener);

    /** Calls {@code listener} after any change of who serves what; on an arbitrary thread. */
    void onChange(Runnable listener);
}
