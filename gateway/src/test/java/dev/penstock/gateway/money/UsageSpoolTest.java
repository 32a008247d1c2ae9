package dev.penstock.gateway.money;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.contract.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsageSpoolTest {
    private static final long ROOM = 64L << 20;

    @TempDir
    Path folder;

    @Test
    void whatManyThreadsWriteIsReadBackWholeAndItsFilesGo() throws Exception {
        UsageSpool spool = UsageSpool.open(folder, "aaaa", ROOM);
        SpoolReader reader = new SpoolReader(spool);
        int each = 10_000;
        try (var threads = Executors.newFixedThreadPool(4)) {
            for (int t = 0; t < 4; t++) {
                String prefix = "20260102-aaaa-" + t + "x";
                threads.execute(() -> {
                    for (int i = 0; i < each; i++) {
                        UsageIntent intent = intent(prefix + i);
                        spool.append(to -> UsageFrames.write(to, intent));
                        UsageOutcome outcome = outcome(intent, i);
                        spool.append(to -> UsageFrames.write(to, outcome));
                    }
                });
            }
        }
        List<UsageRecord> all = new ArrayList<>();
        for (var some = reader.next(500); !some.isEmpty(); some = reader.next(500)) {
            all.addAll(some);
        }
        assertThat(spool.dropped()).isZero();
        assertThat(all).hasSize(4 * each);
        assertThat(all.stream().map(UsageRecord::id).distinct()).hasSize(4 * each);
        assertThat(all.getFirst().intent()).isEqualTo(intent(all.getFirst().id()));
        assertThat(reader.openAttempts()).isZero();
        reader.stored();
        assertThat(spool.segments()).hasSize(1);
        spool.close();
        reader.stored();
        spool.release();
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void anAttemptThatNobodyEndedIsSettledAtItsEstimateByTheNextStart() throws IOException {
        UsageSpool dead = UsageSpool.open(folder, "aaaa", ROOM);
        UsageIntent ended = intent("20260102-aaaa-1");
        UsageIntent open = intent("20260102-aaaa-2");
        dead.append(to -> UsageFrames.write(to, ended));
        dead.append(to -> UsageFrames.write(to, open));
        dead.append(to -> UsageFrames.write(to, outcome(ended, 9)));
        assertThat(new SpoolReader(UsageSpool.open(folder, "bbbb", ROOM)).recover(folder))
                .as("a start that still runs is left alone")
                .isEmpty();
        dead.release();

        UsageSpool next = UsageSpool.open(folder, "cccc", ROOM);
        SpoolReader reader = new SpoolReader(next);
        List<UsageRecord> records = reader.recover(folder);

        assertThat(records).extracting(UsageRecord::id).containsExactly(ended.id(), open.id());
        assertThat(records.getFirst().outcome()).isEqualTo(outcome(ended, 9));
        assertThat(records.getLast().outcome().usage()).isEqualTo(open.estimate());
        assertThat(records.getLast().outcome().usage().estimated()).isTrue();
        reader.recovered();
        assertThat(new SpoolReader(next).recover(folder)).isEmpty();
    }

    @Test
    void aFullSpoolDropsAndCountsAndDoesNotStopAnybody() throws IOException {
        UsageSpool spool = UsageSpool.open(folder, "aaaa", 2L * SpoolSegment.SIZE);
        UsageIntent intent = intent("20260102-aaaa-1");
        int kept = 0;
        while (spool.append(to -> UsageFrames.write(to, intent))) {
            kept++;
        }
        assertThat(kept).isGreaterThan(10_000);
        assertThat(spool.append(to -> UsageFrames.write(to, intent))).isFalse();
        assertThat(spool.dropped()).isEqualTo(2);
    }

    @Test
    void writingAnIntentCostsLessThanTwentyMicroseconds() throws IOException {
        UsageSpool spool = UsageSpool.open(folder, "aaaa", ROOM);
        int rounds = 20_000;
        long[] nanos = new long[rounds];
        for (int i = 0; i < rounds; i++) {
            UsageIntent intent = intent("20260102-aaaa-" + i);
            long start = System.nanoTime();
            spool.append(to -> UsageFrames.write(to, intent));
            nanos[i] = System.nanoTime() - start;
            if (spool.wantsSpare()) {
                spool.prepare();
            }
        }
        Arrays.sort(nanos);
        assertThat(nanos[rounds / 2]).as("median of 20,000, in ns").isLessThan(20_000);
    }

    static UsageIntent intent(String id) {
        return new UsageIntent(
                id,
                1_700_000_000_000L,
                "a-request-id-of-usual-length-0123456789",
                1,
                "key_0123456789ab",
                "",
                "reds",
                List.of("project:one"),
                "/v1/chat/completions",
                "chat",
                "org/model-name-large",
                "one",
                Usage.of(1234, 567, true),
                89_000);
    }

    static UsageOutcome outcome(UsageIntent of, long written) {
        return new UsageOutcome(
                of.id(), 0, "one", UsageOutcome.End.ANSWERED, 1, Usage.of(1200, written, false), 1200 + written);
    }
}
