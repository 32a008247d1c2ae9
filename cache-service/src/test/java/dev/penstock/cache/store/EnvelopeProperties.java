package dev.penstock.cache.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.contract.CacheContract.Entry;
import dev.penstock.common.contract.Usage;
import dev.penstock.common.unit.Bytes;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

class EnvelopeProperties {
    private static final long MAX = 1 << 20;

    @Property(tries = 300)
    void anyEntry_comesBackAsItWas(
            @ForAll @StringLength(max = 60) String contentType,
            @ForAll @StringLength(max = 60) String model,
            @ForAll @IntRange(max = 20_000) int size,
            @ForAll boolean noise,
            @ForAll long stamp,
            @ForAll @LongRange(min = 0, max = Long.MAX_VALUE / 1_000_000) long millis,
            @ForAll boolean estimated) {
        byte[] body = body(size, noise);
        Entry entry = new Entry(
                contentType.replaceAll("\\p{Cs}", ""),
                Bytes.of(body),
                millis,
                Duration.ofMillis(millis),
                Duration.ofNanos(millis),
                new Usage(size, millis, 3, size, millis, estimated),
                model.replaceAll("\\p{Cs}", ""));

        Bytes encoded = Envelope.encode(new Stamped(entry, stamp));

        assertThat(Envelope.decode(encoded.unsafeArray(), MAX)).contains(new Stamped(entry, stamp));
    }

    @Property(tries = 1_000)
    void anyBytes_areAMissAndNeverAnError(@ForAll @Size(max = 200) byte[] garbage) {
        if (garbage.length > 0) {
            garbage[0] = 1;
        }
        assertThat(Envelope.decode(garbage, MAX))
                .satisfiesAnyOf(
                        decoded -> assertThat(decoded).isEmpty(),
                        decoded -> assertThat(decoded).isPresent());
    }

    @Example
    void truncated_isAMissAtEveryLength() {
        byte[] whole = Envelope.encode(stamped(body(5_000, false))).unsafeArray();

        for (int length = 0; length < whole.length; length++) {
            assertThat(Envelope.decode(Arrays.copyOf(whole, length), MAX)).isEmpty();
        }
    }

    @Example
    void repetitiveBody_shrinks_shortAndNoisyOnesStay() {
        assertThat(Envelope.encode(stamped(body(100_000, false))).size()).isLessThan(70_000);
        assertThat(Envelope.encode(stamped(body(200, false))).size()).isBetween(200, 320);
        assertThat(Envelope.encode(stamped(body(100_000, true))).size()).isBetween(100_000, 100_200);
    }

    @Example
    void bodyLargerThanAllowed_isAMiss() {
        assertThat(Envelope.decode(Envelope.encode(stamped(body(5_000, false))).unsafeArray(), 4_999))
                .isEmpty();
    }

    private static Stamped stamped(byte[] body) {
        return new Stamped(
                new Entry("text/plain", Bytes.of(body), 1, Duration.ofHours(1), Duration.ZERO, Usage.NONE, "m"), 3);
    }

    private static byte[] body(int size, boolean noise) {
        byte[] body = new byte[size];
        if (noise) {
            new Random(size).nextBytes(body);
        } else {
            for (int i = 0; i < size; i++) {
                body[i] = (byte) "{\"label\":\"positive\",\"score\":0.97}".charAt(i % 33);
            }
        }
        return body;
    }
}
