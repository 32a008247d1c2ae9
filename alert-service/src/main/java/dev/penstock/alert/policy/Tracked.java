package dev.penstock.alert.policy;

import dev.penstock.common.contract.AlertContract.Alert;
import dev.penstock.common.contract.AlertContract.State;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An alert with what the machine must remember about it.
 *
 * @param revision counts the durable changes of this alert; a store keeps the highest
 * @param lastSeen when its condition was last reported, active or not
 * @param inactiveSince since when the condition is gone; null while it holds
 */
public record Tracked(
        Alert alert,
        Duration holdFor,
        long revision,
        Instant lastSeen,
        @Nullable Instant inactiveSince) {

    public boolean open() {
        return alert.state() != State.RESOLVED;
    }
}
