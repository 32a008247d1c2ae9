package dev.penstock.cache.policy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FreezeWatchTest {
    private final FreezeWatch watch = new FreezeWatch(10, 20);

    @Test
    void whatIsReadAfterALateBeatIsDoubtfulForAWhile() {
        watch.beat(100);
        assertThat(watch.doubtful(110)).isFalse();
        assertThat(watch.doubtful(111)).as("before the late beat itself").isTrue();

        watch.beat(150);

        assertThat(watch.doubtful(151)).isTrue();
        watch.beat(160);
        assertThat(watch.doubtful(169)).isTrue();
        watch.beat(170);
        assertThat(watch.doubtful(170)).isFalse();
    }

    @Test
    void theFirstBeatIsNeverLate() {
        assertThat(watch.doubtful(1_000)).isFalse();
        watch.beat(1_000);
        assertThat(watch.doubtful(1_000)).isFalse();
    }
}
