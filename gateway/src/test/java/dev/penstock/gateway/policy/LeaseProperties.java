package dev.penstock.gateway.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.gateway.policy.WindowSet.Limit;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Gateways that lease calls from one count, use them late, and give back what they did not use. */
class LeaseProperties {
    private static final long MINUTE = 60_000;
    private static final long LIFE = 150;
    private static final long NANOS_PER_MILLI = 1_000_000;

    /** One gateway: its lease, and where it was taken from. */
    private static final class Gateway {
        private final Lease lease = new Lease();
        private long taken;
        private long until;
    }

    @Property(tries = 300)
    void noMinuteEverHoldsMoreThanTheLimitWhateverTheInterleavingAndTheChurnOfLeases(
            @ForAll @Size(min = 50, max = 1_500) List<@IntRange(max = 120) Integer> gaps,
            @ForAll @IntRange(min = 1, max = 60) int limit,
            @ForAll @IntRange(min = 1, max = 12) int lot) {
        List<Limit> limits = List.of(new Limit("minute", MINUTE, limit));
        WindowSet shared = new WindowSet(limits);
        List<Gateway> gateways = List.of(new Gateway(), new Gateway(), new Gateway());
        List<Long> admitted = new ArrayList<>();
        long now = 123_456;
        for (int i = 0; i < gaps.size(); i++) {
            // Now and then a pause, so that windows roll.
            now += gaps.get(i) % 17 == 0 ? gaps.get(i) * 60L : gaps.get(i);
            Gateway gateway = gateways.get((i + gaps.get(i)) % 3);
            if (call(gateway, shared, lot, now)) {
                admitted.add(now);
            }
        }
        assertAtMost(limit, MINUTE, admitted);
    }

    private static boolean call(Gateway gateway, WindowSet shared, int lot, long now) {
        long nanos = now * NANOS_PER_MILLI;
        switch (gateway.lease.take(nanos)) {
            case ADMIT -> {
                return true;
            }
            case REFUSE -> {
                return false;
            }
            case ASK -> {
                long unused = gateway.lease.close();
                if (unused > 0) {
                    shared.giveBack(now, gateway.taken, gateway.until, unused);
                }
            }
        }
        long granted = 0;
        if (shared.decide(now, lot, 1).admitted()) {
            // The twin of the script: what was decided now is counted where the lease ends.
            shared.giveBack(now, now, now, lot);
            shared.note(now, now + LIFE, lot);
            granted = lot;
        }
        if (granted == 0) {
            gateway.lease.refused(nanos, 1);
            return false;
        }
        gateway.taken = now;
        gateway.until = now + LIFE;
        gateway.lease.granted(granted, nanos, (now + LIFE) * NANOS_PER_MILLI);
        return gateway.lease.take(nanos) == Lease.Verdict.ADMIT;
    }

    @Property(tries = 300)
    void aSmoothedRateStaysInItsEnvelopeWhateverIsGivenBack(
            @ForAll @Size(min = 10, max = 500) List<@IntRange(max = 30_000) Integer> gaps,
            @ForAll @IntRange(min = 50, max = 2_000) int rate,
            @ForAll @IntRange(min = 1, max = 200) int burst) {
        Gcra gcra = new Gcra();
        double gap = 1_000_000.0 / rate;
        List<long[]> taken = new ArrayList<>();
        double now = 5_000_000;
        long held = 0;
        double heldSince = 0;
        for (int step : gaps) {
            now += step;
            if (held > 0 && step % 3 == 0) {
                gcra.giveBack(heldSince, held, gap);
                held = 0;
            }
            long lot = 1L + step % 20;
            if (held == 0 && lot <= burst && gcra.waitMicros(now, lot, gap, burst) == 0) {
                gcra.take(now, lot, gap);
                long used = 1 + step % lot;
                held = lot - used;
                heldSince = now;
                taken.add(new long[] {(long) now, used});
            }
        }
        for (int from = 0; from < taken.size(); from++) {
            long sum = 0;
            for (int to = from; to < taken.size(); to++) {
                sum += taken.get(to)[1];
                double allowed = burst + (taken.get(to)[0] - taken.get(from)[0]) / gap;
                assertThat((double) sum).isLessThanOrEqualTo(allowed + 1e-3);
            }
        }
    }

    @Property
    void aLeaseNeverGivesOutMoreThanItHolds(
            @ForAll @IntRange(min = 1, max = 50) int lot,
            @ForAll @Size(max = 200) List<@IntRange(max = 20_000_000) Integer> gaps) {
        Lease lease = new Lease();
        lease.granted(lot, 0, 100_000_000);
        long now = 0;
        int used = 0;
        for (int gap : gaps) {
            now += gap;
            if (lease.take(now) == Lease.Verdict.ADMIT) {
                used++;
                assertThat(now).isLessThan(100_000_000);
            }
        }
        assertThat(used + lease.close()).isEqualTo(lot);
        assertThat(lease.close()).as("given back once").isZero();
    }

    @Property
    void allLeasesTogetherHoldAtMostATenthOfARateAndAHundredthOfAWindow(
            @ForAll @IntRange(min = 1, max = 1_000_000) int most, @ForAll @IntRange(min = 1, max = 64) int gateways) {
        long ofRate = LeaseSize.most(List.of(new Limit("second", 1_000, most, Math.max(1, most / 10))), gateways);
        long ofWindow = LeaseSize.most(List.of(new Limit("minute", MINUTE, most)), gateways);
        assertThat(ofRate == 1 || ofRate * gateways <= most / 10).isTrue();
        assertThat(ofWindow == 1 || ofWindow * gateways <= most / 100).isTrue();
        if (most < LeaseSize.LEAST_PER_MINUTE) {
            assertThat(ofWindow).as("small limits are counted call by call").isEqualTo(1);
        }
    }

    @Property(tries = 200)
    void sharesOfAllGatewaysTogetherAdmitNoMoreThanTheLimit(
            @ForAll @IntRange(min = 8, max = 200) int limit,
            @ForAll @IntRange(min = 1, max = 8) int gateways,
            @ForAll @Size(min = 1, max = 1_000) List<@IntRange(max = 500) Integer> gaps) {
        List<WindowSet> alone = new ArrayList<>();
        for (int i = 0; i < gateways; i++) {
            alone.add(new WindowSet(List.of(new Limit("minute", MINUTE, limit))));
        }
        List<Long> admitted = new ArrayList<>();
        long now = 99;
        for (int gap : gaps) {
            now += gap;
            if (alone.get((int) (now % gateways)).decide(now, gateways).admitted()) {
                admitted.add(now);
            }
        }
        assertAtMost(limit, MINUTE, admitted);
    }

    private static void assertAtMost(int limit, long length, List<Long> admitted) {
        for (int i = 0; i + limit < admitted.size(); i++) {
            assertThat(admitted.get(i + limit) - admitted.get(i))
                    .as("call %d and the one %d later", i, limit)
                    .isGreaterThanOrEqualTo(length);
        }
    }
}
