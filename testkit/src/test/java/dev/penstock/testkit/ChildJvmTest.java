package dev.penstock.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ChildJvmTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @Test
    void printsAndStopsOnSigterm() {
        try (ChildJvm child = ChildJvm.of(Talker.class)
                .arguments("river")
                .environment("PENSTOCK_TEST", "yes")
                .start()) {
            assertThat(child.awaitLine("hello (\\w+) (\\w+)", LIMIT).group(1)).isEqualTo("river");
            assertThat(child.output()).contains("yes");
            assertThat(child.stop(LIMIT)).isEqualTo(143);
            assertThat(child.output()).contains("goodbye");
            assertThatThrownBy(() -> child.awaitLine("never", LIMIT))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("goodbye");
        }
    }

    @Test
    void isKilledEvenWhilePaused() {
        try (ChildJvm child = ChildJvm.of(Talker.class).arguments("x").start()) {
            child.awaitLine("hello", LIMIT);
            child.pause();
            child.resume();
            child.pause();
            child.kill9();
            assertThat(child.alive()).isFalse();
            assertThat(child.output()).doesNotContain("goodbye");
        }
    }

    /** Main class of the child. */
    static final class Talker {
        private Talker() {}

        public static void main(String[] args) throws Exception {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("goodbye")));
            System.out.println("hello " + args[0] + " " + System.getenv("PENSTOCK_TEST"));
            Thread.currentThread().join();
        }
    }
}
