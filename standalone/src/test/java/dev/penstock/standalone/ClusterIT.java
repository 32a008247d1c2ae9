package dev.penstock.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.testkit.Await;
import dev.penstock.testkit.ChildJvm;
import dev.penstock.testkit.TestServers;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes of their own that form a cluster, and what callers notice when some of them die or freeze. */
class ClusterIT {
    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration HEAL = Duration.ofSeconds(20);
    private static final String KEY = "psk-test0000000000000000000000000000000000000000";
    /** A call has this long; nothing may hang beyond it. */
    private static final Duration CALL = Duration.ofSeconds(10);

    @TempDir
    Path data;

    private final List<ChildJvm> children = new ArrayList<>();
    private final AtomicInteger counter = new AtomicInteger();
    private final HttpClient client = HttpClient.newHttpClient();
    private int hazelcast;
    private int gateway;
    private String postgres = "";
    private String redis = "";

    @AfterEach
    void killAll() {
        children.forEach(ChildJvm::close);
        client.close();
    }

    @Test
    void deadAndFrozenMembersCostAFewQuickFailuresAndHeal() throws Exception {
        hazelcast = StandaloneIT.freePort();
        gateway = StandaloneIT.freePort();
        postgres = TestServers.freshDatabase().url();
        redis = TestServers.freshRedis();
        ChildJvm first = start("batching", "b1");
        ChildJvm second = start("batching", "b2");
        ChildJvm cache = start("cache", "c1");
        ChildJvm edge = start("gateway", "g1");
        for (ChildJvm child : List.of(first, second, cache, edge)) {
            child.awaitLine("is up", START);
        }
        Await.until("calls work", HEAL, () -> embed() == 200);

        first.kill9();
        assertQuickAndHealed();
        cache.kill9();
        assertQuickAndHealed();

        ChildJvm third = start("batching", "b3");
        third.awaitLine("is up", START);
        second.pause();
        assertQuickAndHealed();
        second.resume();
        assertQuickAndHealed();

        assertThat(edge.stop(Duration.ofSeconds(40))).isEqualTo(143);
    }

    /** Every call ends in time, and soon all succeed again. */
    private void assertQuickAndHealed() {
        int good = 0;
        long end = System.nanoTime() + HEAL.toNanos();
        while (good < 20) {
            assertThat(System.nanoTime()).as("healed in time; " + logs()).isLessThan(end);
            long started = System.nanoTime();
            int status = embed();
            assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(CALL);
            good = status == 200 ? good + 1 : 0;
        }
    }

    /** A text never seen before, so that no cache answers. */
    private int embed() {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway + "/v1/embeddings"))
                .timeout(CALL)
                .header("Authorization", "Bearer " + KEY)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(
                        "{\"model\":\"sandbox-embed\",\"input\":\"text " + counter.incrementAndGet() + "\"}"))
                .build();
        try {
            return client.send(request, BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private ChildJvm start(String role, String name) {
        ChildJvm child = ChildJvm.of(Main.class)
                .arguments("run", role, "--data", data.resolve(name).toString(), "--port", Integer.toString(gateway))
                .environment("PENSTOCK_CLUSTER_HOST", "127.0.0.1")
                .environment("PENSTOCK_CLUSTER_PORT", Integer.toString(hazelcast))
                .environment("PENSTOCK_CLUSTER_NAME", "test-" + hazelcast)
                .environment("PENSTOCK_REDIS_URL", redis)
                .environment("PENSTOCK_POSTGRES_URL", postgres)
                .environment("PENSTOCK_AUTH_SECRET", "a secret for tests alone")
                .environment("PENSTOCK_ADMIN_KEY", KEY)
                .environment("PENSTOCK_SERVER_MANAGEMENT_PORT", "0")
                .start();
        children.add(child);
        return child;
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
