package dev.penstock.gateway.guard.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.config.BlockConfig;
import dev.penstock.common.config.ConfigLoader;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class OffenceBookTest {
    private static final BlockConfig CONFIG =
            ConfigLoader.defaults().protection().block();

    @Test
    void theTenthFailureOfAWindowBlocksAndTheNextBeginsAnew() {
        OffenceBook book = new OffenceBook(CONFIG);
        for (int i = 0; i < 9; i++) {
            assertThat(book.add("a", Offence.FAILURES, "", i)).isFalse();
            assertThat(book.add("b", Offence.PROBES, "", i)).isEqualTo(i == 4);
        }
        assertThat(book.add("a", Offence.FAILURES, "", 9)).isTrue();
        assertThat(book.add("a", Offence.FAILURES, "", 10)).isFalse();
    }

    @Test
    void failuresOfAnEarlierWindowAreForgotten() {
        OffenceBook book = new OffenceBook(CONFIG);
        for (int i = 0; i < 100; i++) {
            assertThat(book.add("a", Offence.FAILURES, "", i * 7_000L)).isFalse();
        }
    }

    @Test
    void oneUnknownPathAskedForOftenIsOne() {
        OffenceBook book = new OffenceBook(CONFIG);
        for (int i = 0; i < 1_000; i++) {
            assertThat(book.add("a", Offence.UNKNOWN_PATHS, "/favicon.ico", i)).isFalse();
        }
        boolean blocked = false;
        for (int i = 0; i < 40; i++) {
            blocked |= book.add("a", Offence.UNKNOWN_PATHS, "/x" + i, i);
        }
        assertThat(blocked).isTrue();
    }

    @Test
    void aFloodOfAddressesTakesBoundedMemoryAndTheBusiestIsStillFound() {
        OffenceBook book = new OffenceBook(CONFIG, 1_000);
        boolean blocked = false;
        for (int i = 0; i < 100_000; i++) {
            book.add("flood" + i, Offence.FAILURES, "", 0);
            if (i % 500 == 0) {
                blocked |= book.add("busy", Offence.FAILURES, "", 0);
            }
        }
        assertThat(book.size()).isLessThanOrEqualTo(1_000);
        assertThat(blocked).isTrue();
    }

    @Test
    void eachBlockIsTwiceAsLongAsTheOneBeforeUpToTheLongest() {
        assertThat(Block.length(1, CONFIG)).isEqualTo(Duration.ofMinutes(10));
        assertThat(Block.length(3, CONFIG)).isEqualTo(Duration.ofMinutes(40));
        assertThat(Block.length(9, CONFIG)).isEqualTo(Duration.ofDays(1));
        assertThat(Block.length(Integer.MAX_VALUE, CONFIG)).isEqualTo(Duration.ofDays(1));
    }
}
