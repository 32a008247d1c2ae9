package dev.penstock.testkit;

import io.netty.util.ResourceLeakDetector;

/** Netty's own detector, but it tells {@link NettyLeaks} instead of a log. Named by a system property and made by Netty. */
public final class LeakDetector<T> extends ResourceLeakDetector<T> {
    /** As Netty asks for it where it sees no later constructor. */
    public LeakDetector(Class<?> type, int interval, long ignored) {
        super(type, interval);
    }

    public LeakDetector(Class<?> type, int interval) {
        super(type, interval);
    }

    @Override
    protected boolean needReport() {
        return true;
    }

    @Override
    protected void reportTracedLeak(String type, String records) {
        NettyLeaks.found(type + " was not released" + records);
    }

    @Override
    protected void reportUntracedLeak(String type) {
        NettyLeaks.found(type + " was not released");
    }
}
