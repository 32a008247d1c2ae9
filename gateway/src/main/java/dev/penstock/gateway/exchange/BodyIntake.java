package dev.penstock.gateway.exchange;

import dev.penstock.common.config.ConnectionsConfig;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.time.Deadline;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/** Reads a request's body up to a bound while the stages work on its head. Confined to the request's event loop. */
public final class BodyIntake {
    /** The status of a request whose body does not arrive. */
    public static final int LATE = 408;

    private final int most;
    private @Nullable Buffer bytes;
    private boolean ended;
    private @Nullable Fault fault;
    private @Nullable Runnable waiter;
    /** What had arrived when somebody last looked, and when that changed; of use for slow bodies alone. */
    private int seen = -1;

    private long seenNanos;
    private boolean looked;
    private long firstLookNanos;
    private int firstLookSize;

    private BodyIntake(int most) {
        this.most = most;
    }

    /** Begins to read; must be called before the request's handler returns. */
    public static BodyIntake of(HttpServerRequest request, long maxBytes) {
        BodyIntake intake = new BodyIntake((int) Math.min(maxBytes, Integer.MAX_VALUE));
        request.handler(intake::chunk);
        request.endHandler(intake::end);
        request.exceptionHandler(intake::broken);
        return intake;
    }

    /** Runs {@code then} when the body is there or cannot come; at once if that is so now. */
    public void whenDone(Runnable then) {
        if (done()) {
            then.run();
        } else {
            waiter = then;
        }
    }

    public boolean done() {
        return ended || fault != null;
    }

    /** Why there is no body; null if there is. */
    public @Nullable Fault fault() {
        return fault;
    }

    /** The whole body. */
    public byte[] body() {
        return bytes == null ? new byte[0] : bytes.getBytes();
    }

    /**
     * Whether it is time to give up. To be asked now and then while the request is under way.
     *
     * @param quietNanos how long nothing may arrive
     * @param bounds the least rate, and from when on it holds
     */
    public boolean late(long nowNanos, long quietNanos, Deadline deadline, ConnectionsConfig bounds) {
        if (done()) {
            return false;
        }
        int size = bytes == null ? 0 : bytes.length();
        if (size != seen) {
            seen = size;
            seenNanos = nowNanos;
        }
        return nowNanos - seenNanos > quietNanos || deadline.spent(nowNanos) || slow(size, nowNanos, bounds);
    }

    /** By the whole time since somebody first looked, so that a pause in a fast body harms nobody. */
    private boolean slow(int size, long nowNanos, ConnectionsConfig bounds) {
        if (!looked) {
            looked = true;
            firstLookNanos = nowNanos;
            firstLookSize = size;
        }
        long nanos = nowNanos - firstLookNanos;
        double least = bounds.bodyRate().bytes() * (nanos / 1e9);
        return nanos > bounds.bodyGrace().toNanos() && size - firstLookSize < least;
    }

    /** Waits no longer: what has arrived is dropped, and the caller is told. */
    public void giveUp() {
        bytes = null;
        fail(Fault.detailed(FaultCode.INVALID_REQUEST, LATE, "The body did not arrive in time.", null, null));
    }

    private void chunk(Buffer chunk) {
        if (fault != null) {
            return;
        }
        long size = (long) chunk.length() + (bytes == null ? 0 : bytes.length());
        if (size > most) {
            bytes = null;
            fail(tooLarge(most));
        } else {
            bytes = bytes == null ? chunk : bytes.appendBuffer(chunk);
        }
    }

    /** The refusal of a body over the bound. */
    public static Fault tooLarge(long most) {
        return Fault.of(FaultCode.TOO_LARGE, "The body is larger than " + most + " bytes.");
    }

    private void end(@Nullable Void nothing) {
        ended = true;
        wake();
    }

    private void broken(Throwable cause) {
        if (!ended) {
            fail(Exchange.gone());
        }
    }

    private void fail(Fault why) {
        if (fault == null) {
            fault = why;
            wake();
        }
    }

    private void wake() {
        Runnable then = waiter;
        waiter = null;
        if (then != null) {
            then.run();
        }
    }
}
