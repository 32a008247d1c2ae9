package dev.penstock.gateway.oidc.policy;

import java.time.Duration;

/**
 * What an issuer's keys in memory are good for. Immutable; times are of one monotonic clock, in nanoseconds.
 *
 * @param read whether they were ever read
 * @param readNanos when they were last read with success
 * @param triedNanos when reading was last begun
 * @param tried whether it ever was
 * @param failing whether the last attempt failed
 */
public record KeyTrust(boolean read, long readNanos, boolean tried, long triedNanos, boolean failing) {
    /** Nothing was read yet. */
    public static final KeyTrust NEW = new KeyTrust(false, 0, false, 0, false);

    /** What becomes of a token whose key is not among those in memory. */
    public enum Unknown {
        /** The issuer has no such key: refuse. */
        REFUSE,
        /** Read the keys again, and have the caller come back. */
        READ,
        /** It cannot be said now: have the caller come back. */
        WAIT
    }

    public KeyTrust begun(long nanos) {
        return new KeyTrust(read, readNanos, true, nanos, failing);
    }

    public KeyTrust succeeded(long nanos) {
        return new KeyTrust(true, nanos, true, triedNanos, false);
    }

    public KeyTrust failed() {
        return new KeyTrust(read, readNanos, tried, triedNanos, true);
    }

    /** Whether keys that are in memory may be relied on. */
    public boolean holds(long nanos, Duration trusted) {
        return read && nanos - readNanos < trusted.toNanos();
    }

    /** At most one read in an interval, however many tokens name keys that do not exist. */
    public Unknown unknown(long nanos, Duration interval, boolean reading) {
        if (reading) {
            return Unknown.WAIT;
        }
        if (!tried || nanos - triedNanos >= interval.toNanos()) {
            return Unknown.READ;
        }
        return read && !failing ? Unknown.REFUSE : Unknown.WAIT;
    }
}
