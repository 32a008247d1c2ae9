package dev.penstock.gateway.exchange;

import dev.penstock.common.contract.Usage;

/** Something set aside for a request before its work may cost anything. */
public interface Reservation {
    Reservation NONE = used -> {};

    /**
     * The work is over, well or badly: what was set aside is replaced by what was used. Called exactly once, after the
     * caller has the answer; does not wait.
     *
     * @param used the sum over all attempts; {@link Usage#NONE} where nothing was sent
     */
    void settle(Usage used);
}
