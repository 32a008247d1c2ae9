package dev.penstock.gateway.auth;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Hashes of passwords, by bcrypt on threads of their own. A hash is meant to take a good part of a second: so only a few
 * wait, and whoever finds the queue full is told at once when to come back. bcrypt reads 72 bytes; of a longer password
 * it is given the SHA-512, so that every byte counts. Safe for use by many threads.
 */
final class Passwords {
    private static final BCrypt.Version VERSION = BCrypt.Version.VERSION_2A;
    /** Of the form of a hash, and of nothing: what the password of somebody unknown is compared with. */
    private static final String NOBODY = "abcdefghijklmnopqrstuu" + "abcdefghijklmnopqrstuvwxyz01234";

    private static final long FIRST_GUESS_NANOS = 300_000_000L;

    private final WorkerExecutor threads;
    private final int parallel;
    private final int most;
    private final int cost;
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicLong meanNanos = new AtomicLong(FIRST_GUESS_NANOS);
    private final BCrypt.Hasher hasher =
            BCrypt.with(VERSION, new SecureRandom(), LongPasswordStrategies.hashSha512(VERSION));
    private final BCrypt.Verifyer verifier = BCrypt.verifyer(VERSION, LongPasswordStrategies.hashSha512(VERSION));

    /**
     * Makes the threads: half of the processors, so that requests keep the others.
     *
     * @param cost the logarithm of the work, as in bcrypt
     * @param queue how many may wait
     */
    Passwords(Vertx vertx, int cost, int queue) {
        this.parallel = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        this.threads = vertx.createSharedWorkerExecutor("penstock-passwords", parallel);
        this.most = parallel + queue;
        this.cost = cost;
    }

    /** Fails with {@code OVERLOADED} where too many wait. */
    Future<String> hash(String password) {
        return run(() -> hasher.hashToString(cost, password.toCharArray()));
    }

    /**
     * Whether that is the password. Takes as long for nobody as for somebody. Fails with {@code OVERLOADED} where too many
     * wait.
     *
     * @param hash null for nobody
     */
    Future<Boolean> verify(String password, @Nullable String hash) {
        String against = hash == null ? "$2a$%02d$%s".formatted(cost, NOBODY) : hash;
        return run(() -> verifier.verify(password.toCharArray(), against.toCharArray()).verified && hash != null);
    }

    /** Whether a hash was made with another cost than is asked for now. */
    boolean outdated(String hash) {
        return !hash.startsWith("$2a$%02d$".formatted(cost));
    }

    void close() {
        threads.close();
    }

    private <T> Future<T> run(Callable<T> work) {
        int ahead = taken.incrementAndGet();
        if (ahead > most) {
            taken.decrementAndGet();
            Duration wait = Duration.ofNanos(meanNanos.get() * most / parallel);
            return Future.failedFuture(Fault.retryLater(
                    FaultCode.OVERLOADED,
                    "Too many passwords wait to be checked.",
                    wait.compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : wait));
        }
        return threads.executeBlocking(() -> timed(work), false)
                .map(Objects::requireNonNull)
                .onComplete(done -> taken.decrementAndGet());
    }

    private <T> T timed(Callable<T> work) throws Exception {
        long start = System.nanoTime();
        T result = work.call();
        long nanos = System.nanoTime() - start;
        meanNanos.updateAndGet(mean -> mean + (nanos - mean) / 8);
        return result;
    }
}
