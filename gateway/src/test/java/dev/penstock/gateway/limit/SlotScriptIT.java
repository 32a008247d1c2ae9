package dev.penstock.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.store.Redis;
import dev.penstock.common.store.Scripts;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.ServiceHarness;
import dev.penstock.testkit.TestServers;
import io.vertx.redis.client.Command;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls under way, as Redis counts them for each gateway. */
class SlotScriptIT {
    private static final Redis.Script SCRIPT = Scripts.load(SlotReserver.class, "slots.lua");
    private static final String KEY = "penstock:{limit:key:a}:chat:slots";
    private static final String OTHER = "penstock:{limit:key:a}:all:slots";
    private static final long LONG = 60_000;

    @TempDir
    Path folder;

    private ServiceHarness harness;
    private Redis redis;

    @BeforeEach
    void start() {
        harness = ServiceHarness.with("", folder, TestServers.freshRedis(), "");
        redis = harness.context().redis();
        Await.until("Redis is there", redis::available);
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    @Test
    void theSlotsOfAGatewayThatDiedComeBack() {
        assertThat(take("one", 200, 1)).isZero();
        assertThat(run("set", "one", LONG, List.of(KEY), 1)).as("it lives").isZero();
        assertThat(take("two", LONG, 1)).isEqualTo(1);
        run("set", "one", 200, List.of(KEY), 1); // its last word
        Await.until("they are free again", () -> take("two", LONG, 1) == 0);
        assertThat(fields()).as("nothing is left of it").containsOnly("ntwo", "xtwo");
    }

    @Test
    void aReleaseThatWasLostIsHealedByTheNextWord() {
        take("one", LONG, 2);
        take("one", LONG, 2);
        assertThat(take("two", LONG, 2)).isEqualTo(1);
        run("set", "one", LONG, List.of(KEY), 1);
        assertThat(take("two", LONG, 2)).isZero();
    }

    @Test
    void whatOneRuleRefusesCountsUnderNone() {
        assertThat(run("take", "one", LONG, List.of(OTHER), 1)).isZero();
        assertThat(run("take", "two", LONG, List.of(KEY, OTHER), 5, 1))
                .as("the second is full")
                .isEqualTo(2);
        assertThat(fields()).isEmpty();
    }

    @Test
    void givingBackMoreThanWasTakenMakesNoRoom() {
        take("one", LONG, 1);
        run("back", "one", LONG, List.of(KEY), 5);
        run("back", "one", LONG, List.of(KEY), 5);
        assertThat(take("one", LONG, 1)).isZero();
        assertThat(take("two", LONG, 1)).isEqualTo(1);
    }

    private int take(String gateway, long good, long limit) {
        return run("take", gateway, good, List.of(KEY), limit);
    }

    private int run(String mode, String gateway, long good, List<String> keys, long... numbers) {
        List<Object> arguments = new ArrayList<>(List.of(mode, gateway, Long.toString(good)));
        for (long number : numbers) {
            arguments.add(Long.toString(number));
        }
        return Await.result(redis.script(SCRIPT, keys, arguments)).toInteger();
    }

    private List<String> fields() {
        List<String> fields = new ArrayList<>();
        Await.result(redis.send(Command.HKEYS, KEY)).forEach(field -> fields.add(field.toString()));
        return fields;
    }
}
