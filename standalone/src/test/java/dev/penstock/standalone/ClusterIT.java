package dev.penstock.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.testkit.Await;
import dev.penstock.testkit.ChildJvm;
import dev.penstock.testkit.TestServers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes of their own that form a cluster, and what callers notice when some of them die or freeze. */
class ClusterIT {
    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration HEAL = Duration.ofSeconds(25);
    private static final String KEY = "psk-test0000000000000000000000000000000000000000";
    /** On a quiet machine it takes about 10 s: the frozen one is expelled after 5. */
    private static final Duration JOIN = Duration.ofSeconds(40);

    private static final Duration REJOIN = Duration.ofSeconds(30);

    @TempDir
    Path data;

    private final List<ChildJvm> children = new ArrayList<>();
    private int hazelcast;
    private int gateway;
    private String postgres = "";
    private String redis = "";

    @AfterEach
    void killAll() {
        children.forEach(ChildJvm::close);
    }

    @Test
    void deadAndFrozenMembersCostAFewQuickFailuresAndHeal() throws Exception {
        servers();
        ChildJvm first = start("batching", "b1");
        ChildJvm second = start("batching", "b2");
        ChildJvm cache = start("cache", "c1");
        ChildJvm edge = start("gateway", "g1");
        for (ChildJvm child : List.of(first, second, cache, edge)) {
            child.awaitLine("is up", START);
        }
        try (ClusterLoad load = new ClusterLoad(gateway, KEY)) {
            load.awaitHealthy("at first", START, this::logs);

            load.disturb("a batching service is killed", first::kill9, HEAL, this::logs);
            load.disturb("the cache service is killed", cache::kill9, HEAL, this::logs);
            ChildJvm third = start("batching", "b3");
            third.awaitLine("is up", START);
            load.disturb("the older batching service freezes", second::pause, HEAL, this::logs);
            // Long enough to be expelled: it ends itself, and whoever supervises it starts it again.
            load.keepGoing(Duration.ofSeconds(10));
            load.disturb("it thaws", second::resume, HEAL, this::logs);
            assertThat(second.awaitExit(Duration.ofSeconds(5))).isEqualTo(75);
            start("batching", "b2").awaitLine("is up", START);
            Await.until(
                    "two batching services serve", REJOIN, () -> cluster(edge).endsWith("batching 2"));
            load.disturb("the other one is killed", third::kill9, HEAL, this::logs);

            assertThat(load.wrong()).as("answers that belong to another text").isEmpty();
            assertThat(load.slowest()).as("the slowest call").isLessThan(ClusterLoad.HANGING);
        }
        assertThat(edge.stop(Duration.ofSeconds(40))).isEqualTo(143);
    }

    @Test
    void newcomerIsUpSoonAlthoughTheOldestMemberIsFrozen() throws Exception {
        servers();
        ChildJvm oldest = start("batching", "b1");
        oldest.awaitLine("is up", START);
        ChildJvm cache = start("cache", "c1");
        ChildJvm second = start("batching", "b2");
        cache.awaitLine("is up", START);
        second.awaitLine("is up", START);
        oldest.pause();
        long started = System.nanoTime();
        ChildJvm newcomer = start("batching", "b3");
        newcomer.awaitLine("is up", JOIN);
        System.out.println("joined beside a frozen member in "
                + Duration.ofNanos(System.nanoTime() - started).toMillis() + " ms");
    }

    /** The last that a member has said of the cluster: how many serve what. */
    private static String cluster(ChildJvm member) {
        Matcher line = Pattern.compile("\"msg\":\"cluster: ([^\"]*)\"").matcher(member.output());
        String last = "";
        while (line.find()) {
            last = line.group(1);
        }
        return last;
    }

    private void servers() throws IOException {
        hazelcast = StandaloneIT.freePort();
        gateway = StandaloneIT.freePort();
        postgres = TestServers.freshDatabase().url();
        redis = TestServers.freshRedis();
    }

    private ChildJvm start(String role, String name) {
        ChildJvm child = ChildJvm.of(Main.class)
                .arguments("run", role, "--data", data.resolve(name).toString(), "--port", Integer.toString(gateway))
                .environment("PENSTOCK_CLUSTER_HOST", "127.0.0.1")
                .environment("PENSTOCK_CLUSTER_PORT", Integer.toString(hazelcast))
                .environment("PENSTOCK_CLUSTER_MEMBERS", members())
                .environment("PENSTOCK_CLUSTER_NAME", "test-" + hazelcast)
                .environment("PENSTOCK_REDIS_URL", redis)
                .environment("PENSTOCK_POSTGRES_URL", postgres)
                .environment("PENSTOCK_AUTH_SECRET", "a secret for tests alone")
                .environment("PENSTOCK_ADMIN_KEY", KEY)
                .environment("PENSTOCK_SERVER_MANAGEMENT_PORT", "0")
                .environment("PENSTOCK_LIMITS_0_NAME", "analysis")
                .environment("PENSTOCK_LIMITS_0_PER_MINUTE", "1000000")
                .environment("PENSTOCK_LIMITS_0_PER_HOUR", "1000000")
                .environment("PENSTOCK_LIMITS_0_PER_DAY", "1000000")
                .start();
        children.add(child);
        return child;
    }

    /** Where members may stand, and no more: each silent address delays the merge after a split by 5 s. */
    private String members() {
        return IntStream.range(hazelcast, hazelcast + 6)
                .mapToObj(port -> "127.0.0.1:" + port)
                .collect(Collectors.joining(","));
    }

    private String logs() {
        StringBuilder all = new StringBuilder();
        for (ChildJvm child : children) {
            String text = child.output();
            all.append("\n--- ")
                    .append(child.pid())
                    .append('\n')
                    .append(text.substring(Math.max(0, text.length() - 3_000)));
        }
        return all.toString();
    }
}
