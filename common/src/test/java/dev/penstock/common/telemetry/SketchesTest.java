package dev.penstock.common.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.datadoghq.sketch.ddsketch.DDSketch;
import dev.penstock.common.unit.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class SketchesTest {
    @Test
    void mergedPercentilesAgreeWithOneHistogramOverEverything() {
        Random random = new Random(7);
        Histogram oracle = new Histogram(3_600_000_000_000L, 4);
        List<Bytes> parts = new ArrayList<>();
        for (int part = 0; part < 12; part++) {
            DDSketch sketch = Sketches.create();
            for (int i = 0; i < 5_000; i++) {
                long nanos = (long) (Math.exp(random.nextGaussian() * 1.5) * 5_000_000 * (part + 1));
                sketch.accept(nanos / 1e9);
                oracle.recordValue(nanos);
            }
            parts.add(Sketches.encode(sketch));
        }

        DDSketch merged = Sketches.merged(parts);

        assertThat(merged.getCount()).isEqualTo(60_000);
        for (double quantile : new double[] {0.5, 0.9, 0.95, 0.99, 0.999}) {
            double exact = oracle.getValueAtPercentile(quantile * 100) / 1e9;
            assertThat(Sketches.quantile(merged, quantile).orElseThrow()).isCloseTo(exact, within(exact * 0.012));
        }
    }

    @Test
    void encodedSketchesAreSmallAndComeBackEqual() {
        DDSketch sketch = Sketches.create();
        for (int i = 1; i <= 1_000; i++) {
            sketch.accept(0.010 + i * 0.00001);
        }
        Bytes encoded = Sketches.encode(sketch);
        assertThat(encoded.size()).isLessThan(1_024);
        DDSketch back = Sketches.decode(encoded);
        assertThat(back.getCount()).isEqualTo(1_000);
        assertThat(back.getValueAtQuantile(0.5)).isEqualTo(sketch.getValueAtQuantile(0.5));
    }

    @Test
    void nothingRecordedHasNoQuantile() {
        assertThat(Sketches.quantile(Sketches.create(), 0.5)).isEmpty();
        assertThat(Sketches.quantile(Sketches.decode(Sketches.encode(Sketches.create())), 0.5))
                .isEmpty();
    }

    @Test
    void whatIsNoSketchIsRefused() {
        assertThatThrownBy(() -> Sketches.decode(Bytes.of("no sketch at all")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Sketches.decode(Bytes.of(new byte[100_000])))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("too large");
    }

    @Test
    void valuesOverManyOrdersOfMagnitudeStayBounded() {
        DDSketch sketch = Sketches.create();
        for (double value = 1e-9; value < 1e9; value *= 1.01) {
            sketch.accept(value);
        }
        assertThat(Sketches.encode(sketch).size()).isLessThan(16 * 1024);
        assertThat(sketch.getValueAtQuantile(1)).isCloseTo(1e9, within(2e7));
    }
}
