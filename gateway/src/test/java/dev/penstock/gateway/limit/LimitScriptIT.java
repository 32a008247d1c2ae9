package dev.penstock.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.store.Redis;
import dev.penstock.gateway.limit.LimitScript.Part;
import dev.penstock.gateway.limit.LimitScript.Reply;
import dev.penstock.gateway.policy.WindowSet;
import dev.penstock.gateway.policy.WindowSet.Decision;
import dev.penstock.gateway.policy.WindowSet.Limit;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.ServiceHarness;
import dev.penstock.testkit.TestServers;
import io.vertx.redis.client.Command;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script decides as {@link WindowSet} does, told the server's time. */
class LimitScriptIT {
    private static final long MICROS = 1_000;

    @TempDir
    Path folder;

    private ServiceHarness harness;
    private Redis redis;
    private LimitScript script;

    @BeforeEach
    void start() {
        harness = ServiceHarness.with("", folder, TestServers.freshRedis(), "");
        redis = harness.context().redis();
        script = new LimitScript(redis);
        Await.until("Redis is there", redis::available);
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    @Test
    void itDecidesAsTheWindowsInTheHeap() {
        List<Limit> limits = List.of(
                new Limit("second", 1_000, 200, 40), new Limit("minute", 1_000, 150), new Limit("hour", 4_000, 400));
        Counter counter = new Counter("penstock:{limit:twin}:x", limits);
        WindowSet twin = new WindowSet(limits);
        Random random = new Random(42);
        int refused = 0;
        long deadline = System.nanoTime() + 20_000_000_000L;
        // Redis's clock decides: a fast machine needs more calls until the rate has let a window fill up.
        for (int i = 0; i < 1_500 || (refused == 0 && System.nanoTime() < deadline); i++) {
            long cost = 1L + random.nextInt(4);
            Reply reply = ask(counter, cost, 0, 0, 0, 1);
            long now = reply.micros() / MICROS;
            Decision expected = twin.decide(now, cost, 1);
            boolean admitted = reply.admitted() == 1;
            if (admitted != expected.admitted()) {
                // The twin's rate sees whole milliseconds: on that border alone they may differ.
                Limit limit = limits.get(reply.limit());
                assertThat(admitted ? expected.window() : limit.window())
                        .as("call %d", i)
                        .isEqualTo("second");
                if (admitted) {
                    twin.note(now, now, cost);
                } else {
                    twin.giveBack(now, now, now, cost);
                }
                continue;
            }
            if (!admitted && !limits.get(reply.limit()).smooth()) {
                refused++;
                assertThat(reply.waitMillis()).isEqualTo(expected.retryMillis());
                assertThat(limits.get(reply.limit()).window()).isEqualTo(expected.window());
            }
            if (admitted && random.nextInt(5) == 0) {
                correct(counter, -1, now, reply.micros());
                twin.giveBack(now, now, now, 1);
            }
        }
        assertThat(refused).as("windows that refused").isPositive();
    }

    @Test
    void whatIsGivenBackNeverMakesMoreThanAFullLimit() {
        Counter counter = new Counter("penstock:{limit:back}:x", List.of(new Limit("minute", 60_000, 5)));
        Reply reply = ask(counter, 1, 0, 0, 0, 1);
        correct(counter, -100, reply.micros() / MICROS, reply.micros());
        int admitted = 0;
        for (int i = 0; i < 10; i++) {
            admitted += (int) ask(counter, 1, 0, 0, 0, 1).admitted();
        }
        assertThat(admitted).isEqualTo(5);
    }

    @Test
    void whatWasUsedBeyondTheEstimateMakesLaterCallsWait() {
        Counter counter = new Counter("penstock:{limit:debt}:x", List.of(new Limit("minute", 60_000, 100)));
        assertThat(ask(counter, 10, 0, 0, 0, 1).admitted()).isEqualTo(1);
        correct(counter, 500, 0, 0);
        Reply refused = ask(counter, 1, 0, 0, 0, 1);
        assertThat(refused.admitted()).isZero();
        assertThat(refused.waitMillis()).isBetween(50_000L, 63_000L);
    }

    @Test
    void aCallThatAsksForMoreThanTheLimitIsNeverTold() {
        Counter counter = new Counter("penstock:{limit:never}:x", List.of(new Limit("minute", 60_000, 100)));
        assertThat(ask(counter, 101, 0, 0, 0, 1).waitMillis()).isEqualTo(Decision.NEVER);
    }

    @Test
    void aRefusalOfOneSubjectCountsUnderNone() {
        Counter wide = new Counter("penstock:{limit:wide}:x", List.of(new Limit("minute", 60_000, 100)));
        Counter narrow = new Counter("penstock:{limit:narrow}:x", List.of(new Limit("minute", 60_000, 1)));
        List<Part> both = List.of(Part.of(wide, 1), Part.of(narrow, 1));
        assertThat(Await.result(script.ask(both, 1, 1, 1, 0)).admitted()).isEqualTo(1);
        Reply refused = Await.result(script.ask(both, 1, 1, 1, 0));
        assertThat(refused.admitted()).isZero();
        assertThat(refused.part()).isEqualTo(1);
        assertThat(ask(wide, 1, 0, 0, 0, 1).remaining()).isEqualTo(98);
    }

    @Test
    void everyKeyLapsesAndStaysSmall() {
        Counter counter = new Counter(
                "penstock:{limit:small}:x",
                List.of(new Limit("second", 1_000, 1_000, 100), new Limit("minute", 1_000, 900)));
        for (int i = 0; i < 600; i++) {
            ask(counter, 1, 0, 0, 0, 1);
        }
        assertThat(Await.result(redis.send(Command.HLEN, counter.key())).toLong())
                .isLessThanOrEqualTo(24);
        assertThat(Await.result(redis.send(Command.PTTL, counter.key())).toLong())
                .isBetween(1L, 3_000L);
    }

    private Reply ask(Counter counter, long cost, long correction, long until, long taken, long want) {
        return Await.result(script.ask(List.of(new Part(counter, cost, correction, until, taken)), 1, want, 1, 0));
    }

    private void correct(Counter counter, long correction, long until, long taken) {
        Await.result(script.ask(List.of(new Part(counter, 1, correction, until, taken)), 0, 0, 1, 0));
    }
}
