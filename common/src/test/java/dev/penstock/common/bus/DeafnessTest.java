package dev.penstock.common.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DeafnessTest {
    private final Deafness deafness = new Deafness();
    /** Close to where the counter of a machine may wrap. */
    private long now = Long.MAX_VALUE - Duration.ofSeconds(2).toNanos();

    @Test
    void memberThatNoPeerReachesForThreeSecondsIsDeaf() {
        assertThat(unheard()).isFalse();
        assertThat(later(1_000).unheard()).isFalse();
        assertThat(later(1_000).unheard()).isFalse();
        assertThat(later(999).unheard()).isFalse();
        assertThat(later(1).unheard()).isTrue();
    }

    @Test
    void oneCallThatIsHeardStartsTheCountAnew() {
        for (int i = 0; i < 3; i++) {
            assertThat(later(1_000).unheard()).isFalse();
        }
        deafness.heard();
        for (int i = 0; i < 3; i++) {
            assertThat(later(1_000).unheard()).isFalse();
        }
        assertThat(later(1_000).unheard()).isTrue();
    }

    @Test
    void silenceOfPeersSaysNothing() {
        assertThat(unheard()).isFalse();
        // Nobody answers for a minute; that is no proof, and one more complaint is still only the second.
        assertThat(later(60_000).unheard()).isFalse();
        assertThat(later(60_000).unheard()).isFalse();
    }

    @Test
    void manyComplaintsInOneBadMomentAreNotEnough() {
        for (int i = 0; i < 100; i++) {
            assertThat(later(20).unheard()).isFalse();
        }
    }

    private boolean unheard() {
        return deafness.unheard(now);
    }

    private DeafnessTest later(long millis) {
        now += Duration.ofMillis(millis).toNanos();
        return this;
    }
}
