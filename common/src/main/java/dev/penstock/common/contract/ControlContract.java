package dev.penstock.common.contract;

import dev.penstock.common.bus.Topic;

/** What concerns every process of an installation, whatever its role. */
public sealed interface ControlContract {
    /** Each process reads its own configuration again. A process that misses it sees its file change within seconds. */
    Topic<Reload> RELOAD = Topic.of("control.reload.v1", Reload.class);

    /** @param actor who asked, as in the audit record */
    record Reload(String actor) implements ControlContract {}
}
