package dev.penstock.testkit;

import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails each test class after which Netty has found a buffer that nobody released. Found by JUnit's own detection of
 * extensions, so that no test can forget it.
 */
public final class LeakCheck implements AfterAllCallback {
    @Override
    public void afterAll(ExtensionContext context) {
        if (!context.getTestClass().map(Class::isMemberClass).orElse(false)) {
            check();
        }
    }

    static void check() {
        List<String> leaks = NettyLeaks.collect();
        if (!leaks.isEmpty()) {
            throw new AssertionError(leaks.size() + " buffers leaked in this class or the one before:\n"
                    + String.join("\n", leaks.subList(0, Math.min(3, leaks.size()))));
        }
    }
}
