package dev.penstock.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.sandbox.policy.FeatureHashing;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * A few callers that embed texts never seen before, so that no cache answers, and compare each vector with what the
 * sandbox makes of that very text.
 */
final class ClusterLoad implements AutoCloseable {
    /** Stated with each call: by then it must be answered, one way or the other. */
    private static final Duration DEADLINE = Duration.ofSeconds(5);
    /** A call that takes longer hangs: its deadline, and room for a machine that is busy. */
    static final Duration HANGING = DEADLINE.plusSeconds(3);

    private static final int CALLERS = 6;
    private static final Duration PAUSE = Duration.ofMillis(50);
    /** So many good answers in a row, of all callers together, count as healed. */
    private static final int HEALED = 60;
    /** What a fault may cost: callers get a quick refusal 20 times a second each, for 10 s. */
    private static final int MOST_FAILURES = CALLERS * 200;

    private static final float CLOSE = 1e-6f;

    private final HttpClient client = HttpClient.newHttpClient();
    private final URI uri;
    private final String key;
    private final AtomicInteger texts = new AtomicInteger();
    private final AtomicInteger goodInARow = new AtomicInteger();
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicLong slowestNanos = new AtomicLong();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final List<Thread> callers;
    private volatile boolean closed;

    ClusterLoad(int port, String key) {
        this.uri = URI.create("http://127.0.0.1:" + port + "/v1/embeddings");
        this.key = key;
        this.callers = IntStream.range(0, CALLERS)
                .mapToObj(i -> Thread.ofVirtual().name("caller-" + i).start(this::callAgainAndAgain))
                .toList();
    }

    /** Does harm, waits until all is well again, and holds the harm against its bounds. */
    void disturb(String what, Runnable harm, Duration heal, Supplier<String> logs) {
        int before = failures.get();
        harm.run();
        goodInARow.set(0);
        awaitHealthy(what, heal, logs);
        int cost = failures.get() - before;
        System.out.println(what + ": " + cost + " failures");
        assertThat(cost).as(what).isLessThan(MOST_FAILURES);
    }

    void awaitHealthy(String what, Duration limit, Supplier<String> logs) {
        long end = System.nanoTime() + limit.toNanos();
        while (goodInARow.get() < HEALED) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError(what + ": not healed within " + limit + logs.get());
            }
            LockSupport.parkNanos(10_000_000);
        }
    }

    /** Lets the callers go on. */
    void keepGoing(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() - end < 0) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
    }

    /** The texts that were answered with the vector of another. */
    List<String> wrong() {
        return List.copyOf(wrong);
    }

    Duration slowest() {
        return Duration.ofNanos(slowestNanos.get());
    }

    @Override
    public void close() {
        closed = true;
        try {
            for (Thread caller : callers) {
                caller.join(HANGING.multipliedBy(2));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        client.shutdownNow();
    }

    private void callAgainAndAgain() {
        while (!closed) {
            long started = System.nanoTime();
            boolean good = call("text number " + texts.incrementAndGet());
            long took = System.nanoTime() - started;
            slowestNanos.accumulateAndGet(took, Math::max);
            if (good) {
                goodInARow.incrementAndGet();
            } else {
                failures.incrementAndGet();
                goodInARow.set(0);
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private boolean call(String text) {
        HttpRequest request = HttpRequest.newBuilder(uri)
                .timeout(HANGING.multipliedBy(2))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .header("X-Penstock-Timeout", Long.toString(DEADLINE.toSeconds()))
                .POST(BodyPublishers.ofString("{\"model\":\"sandbox-embed\",\"input\":\"" + text + "\"}"))
                .build();
        try {
            HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                return false;
            }
            if (!isOf(text, new JsonObject(response.body()))) {
                wrong.add(text);
            }
            return true;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static boolean isOf(String text, JsonObject answer) {
        JsonArray vector = answer.getJsonArray("data").getJsonObject(0).getJsonArray("embedding");
        float[] expected = FeatureHashing.ofText(text, FeatureHashing.DEFAULT_DIMENSIONS);
        return vector.size() == expected.length
                && IntStream.range(0, expected.length)
                        .allMatch(i -> Math.abs(vector.getFloat(i) - expected[i]) < CLOSE);
    }
}
