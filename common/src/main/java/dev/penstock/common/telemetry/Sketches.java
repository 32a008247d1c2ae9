package dev.penstock.common.telemetry;

import com.datadoghq.sketch.ddsketch.DDSketch;
import com.datadoghq.sketch.ddsketch.encoding.ByteArrayInput;
import com.datadoghq.sketch.ddsketch.encoding.GrowingByteArrayOutput;
import com.datadoghq.sketch.ddsketch.mapping.CubicallyInterpolatedMapping;
import com.datadoghq.sketch.ddsketch.mapping.IndexMapping;
import com.datadoghq.sketch.ddsketch.store.CollapsingLowestDenseStore;
import dev.penstock.common.unit.Bytes;
import java.io.IOException;
import java.util.OptionalDouble;

/**
 * The one kind of sketch that processes exchange: a DDSketch with a relative error of 0.5 %, so that percentiles of many
 * processes and slots are found by merging and never by averaging. At most {@value #MAX_BINS} bins, which span a factor
 * of about a thousand million; beyond that the smallest values lose precision first.
 *
 * <p>Pure: no clock, no state. A {@link DDSketch} itself belongs to one thread at a time.
 */
public final class Sketches {
    /** Each quantile is within this share of a value that was really recorded. */
    public static final double RELATIVE_ACCURACY = 0.005;

    private static final int MAX_BINS = 2_048;
    private static final int MAX_ENCODED = 64 * 1024;
    private static final IndexMapping MAPPING = new CubicallyInterpolatedMapping(RELATIVE_ACCURACY);

    private Sketches() {}

    /** An empty sketch that can be merged with all others. */
    public static DDSketch create() {
        return new DDSketch(MAPPING, () -> new CollapsingLowestDenseStore(MAX_BINS));
    }

    /** The form in which a sketch travels and is stored: usually well below 1 KiB. */
    public static Bytes encode(DDSketch sketch) {
        GrowingByteArrayOutput output = GrowingByteArrayOutput.withDefaultInitialCapacity();
        try {
            sketch.encode(output, false);
        } catch (IOException e) {
            throw new IllegalStateException("an array in memory failed to take a sketch", e);
        }
        return Bytes.of(output.trimmedCopy());
    }

    /**
     * Reads what {@link #encode} wrote.
     *
     * @throws IllegalArgumentException if these bytes are no sketch of this accuracy
     */
    public static DDSketch decode(Bytes encoded) {
        DDSketch sketch = create();
        merge(sketch, encoded);
        return sketch;
    }

    /**
     * Adds an encoded sketch to {@code target}, without making one in between.
     *
     * @throws IllegalArgumentException if these bytes are no sketch of this accuracy; {@code target} may then hold a
     *     part of them and must be thrown away
     */
    public static void merge(DDSketch target, Bytes encoded) {
        if (encoded.size() > MAX_ENCODED) {
            throw new IllegalArgumentException("a sketch of " + encoded.size() + " bytes is too large");
        }
        try {
            target.decodeAndMergeWith(ByteArrayInput.wrap(encoded.unsafeArray()));
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException("these bytes are no sketch: " + e.getMessage(), e);
        }
    }

    /** All of them as one. */
    public static DDSketch merged(Iterable<Bytes> encoded) {
        DDSketch all = create();
        for (Bytes one : encoded) {
            merge(all, one);
        }
        return all;
    }

    /**
     * The value below which the share {@code quantile} of what was recorded lies; empty if nothing was.
     *
     * @param quantile 0 to 1
     */
    public static OptionalDouble quantile(DDSketch sketch, double quantile) {
        return sketch.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(sketch.getValueAtQuantile(quantile));
    }
}
