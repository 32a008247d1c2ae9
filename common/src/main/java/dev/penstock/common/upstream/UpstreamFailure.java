package dev.penstock.common.upstream;

import dev.penstock.common.fault.Fault;

/**
 * A call that brought no HTTP answer. What may be repeated depends on whether the request may have reached the instance.
 */
public final class UpstreamFailure extends RuntimeException {
    private final boolean sent;
    private final Fault fault;

    UpstreamFailure(boolean sent, Fault fault) {
        super(fault.reason(), null, false, false);
        this.sent = sent;
        this.fault = fault;
    }

    /** False if no byte of the request left: then even work that is not idempotent may go elsewhere. */
    public boolean sent() {
        return sent;
    }

    /** What the caller is told if nobody else can answer. */
    public Fault fault() {
        return fault;
    }
}
