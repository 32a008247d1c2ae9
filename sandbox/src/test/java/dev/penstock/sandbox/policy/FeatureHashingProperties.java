package dev.penstock.sandbox.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class FeatureHashingProperties {
    @Property
    void everyTextHasOneUnitVector(@ForAll String text, @ForAll @IntRange(min = 1, max = 512) int dimensions) {
        float[] vector = FeatureHashing.ofText(text, dimensions);
        assertThat(vector).hasSize(dimensions).isEqualTo(FeatureHashing.ofText(text, dimensions));
        assertThat(cosine(vector, vector)).isCloseTo(1, within(1e-4));
    }

    @Property
    void everyTokenSequenceHasOneUnitVector(@ForAll int[] tokens) {
        float[] vector = FeatureHashing.ofTokens(tokens, 64);
        assertThat(cosine(vector, FeatureHashing.ofTokens(tokens, 64))).isCloseTo(1, within(1e-4));
    }

    @Property
    void tokensCoverTheTextWithoutSplittingPairs(@ForAll String text) {
        int at = 0;
        int tokens = 0;
        while (at < text.length()) {
            int end = Tokens.next(text, at);
            assertThat(end).isGreaterThan(at).isLessThanOrEqualTo(text.length());
            at = end;
            tokens++;
        }
        assertThat(tokens).isEqualTo(Tokens.count(text));
        assertThat(Tokens.first(text, tokens)).isEqualTo(text);
    }

    @Property
    void fillingUpGivesExactlyTheTokensAskedFor(@ForAll String text, @ForAll @IntRange(min = 0, max = 300) int tokens) {
        assertThat(Tokens.count(ChatText.ofTokens(text, tokens))).isEqualTo(tokens);
    }

    @Test
    void similarTextsAreCloserThanUnrelatedOnes() {
        float[] text = FeatureHashing.ofText("how do I reset my password", 256);
        float[] similar = FeatureHashing.ofText("How can I reset the password?", 256);
        float[] unrelated = FeatureHashing.ofText("the river was frozen in January", 256);
        assertThat(cosine(text, similar)).isGreaterThan(0.5);
        assertThat(cosine(text, unrelated)).isLessThan(0.25);
    }

    private static double cosine(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }
}
