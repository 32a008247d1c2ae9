package dev.penstock.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** In a class of its own: two test engines on one class overwrite each other's report. */
class SseCutterProperties {
    @Property(tries = 60)
    void theCutsOfTheNetworkDoNotMatter(@ForAll @IntRange(min = 1, max = 60) int size) {
        assertThat(ChoiceStreamTest.read(ChoiceStreamTest.STREAM, size))
                .isEqualTo(ChoiceStreamTest.read(ChoiceStreamTest.STREAM, 10_000));
    }
}
