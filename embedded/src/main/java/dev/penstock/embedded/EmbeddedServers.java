package dev.penstock.embedded;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL and a Redis of our own on loopback, with their data under one folder. Both start at the same
 * time; what a killed predecessor left running is stopped first. All methods may be called from any thread;
 * {@link #start} and {@link #close} block.
 */
public final class EmbeddedServers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedServers.class);

    private final DataFolderLock lock;
    private final Leftovers leftovers;
    private final AtomicBoolean closed = new AtomicBoolean();
    private PostgresServer.@Nullable Running postgres;
    private RedisServer.@Nullable Running redis;

    private EmbeddedServers(DataFolderLock lock, Leftovers leftovers) {
        this.lock = lock;
        this.leftovers = leftovers;
    }

    /**
     * Starts the servers that the options name and returns when they take connections.
     *
     * @param dataDir holds all data; made if absent. One process at a time may use it
     * @throws EmbeddedException with one sentence for the user, after everything begun has been stopped
     */
    public static EmbeddedServers start(Path dataDir, EmbeddedOptions options) {
        DataFolderLock lock = DataFolderLock.acquire(dataDir);
        try {
            Path folder = dataDir.toRealPath();
            EmbeddedServers servers = new EmbeddedServers(lock, new Leftovers(folder));
            servers.leftovers.clearAndMark();
            servers.startAll(folder, options);
            return servers;
        } catch (IOException e) {
            release(lock);
            throw new EmbeddedException(
                    "Cannot use the data folder " + dataDir + " (" + Folders.reason(e)
                            + "); make it a folder you may write to, or choose another with --data.",
                    e);
        }
    }

    /** Stops what a killed process left running on the folder, if anything; for cleaning up after tests. */
    public static void stopLeftovers(Path dataDir) {
        try (DataFolderLock _ = DataFolderLock.acquire(dataDir)) {
            Leftovers leftovers = new Leftovers(dataDir.toRealPath());
            leftovers.clearAndMark();
            leftovers.unmark();
        } catch (IOException e) {
            throw new EmbeddedException(
                    "Cannot use the data folder " + dataDir + " (" + Folders.reason(e) + "); check its permissions.",
                    e);
        }
    }

    /** {@code postgresql://user:password@127.0.0.1:port/penstock}; the role owns everything. */
    public String postgresUrl() {
        return started(postgres, "PostgreSQL").url();
    }

    /** The same as a JDBC URL, with user and password as parameters. */
    public String jdbcUrl() {
        return started(postgres, "PostgreSQL").jdbcUrl();
    }

    /** {@code redis://127.0.0.1:port}, with {@code :password@} where the options ask for one. */
    public String redisUrl() {
        return started(redis, "Redis").url();
    }

    /** Process id of PostgreSQL as it is now; it changes when the server had to be started again. */
    public long postgresPid() {
        return started(postgres, "PostgreSQL").supervisor().pid();
    }

    /** Process id of Redis as it is now; it changes when the server had to be started again. */
    public long redisPid() {
        return started(redis, "Redis").supervisor().pid();
    }

    /** Stops both at the same time, each within the options' stop timeout; what is slower is killed. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            if (postgres != null) {
                each.execute(postgres.supervisor()::close);
            }
            if (redis != null) {
                each.execute(redis.supervisor()::close);
            }
        }
        try {
            leftovers.unmark();
        } catch (IOException e) {
            LOG.debug("the next start will look for leftovers in vain", e);
        }
        release(lock);
    }

    private void startAll(Path folder, EmbeddedOptions options) {
        BinaryCache binaries = new BinaryCache(options.binaries().orElse(folder.resolve("bin")), Platform.current());
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<PostgresServer.@Nullable Running> first =
                    each.submit(() -> options.postgres() ? PostgresServer.start(folder, binaries, options) : null);
            Future<RedisServer.@Nullable Running> second =
                    each.submit(() -> options.redis() ? RedisServer.start(folder, binaries, options) : null);
            List<EmbeddedException> failures = new ArrayList<>();
            postgres = result(first, failures);
            redis = result(second, failures);
            if (!failures.isEmpty()) {
                close();
                throw failures.getFirst();
            }
        }
    }

    private static <T> @Nullable T result(Future<@Nullable T> future, List<EmbeddedException> failures) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            failures.add(
                    e.getCause() instanceof EmbeddedException known
                            ? known
                            : new EmbeddedException(
                                    "The embedded servers could not be started (" + e.getCause() + ").", e));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            failures.add(new EmbeddedException("Start was interrupted; start again."));
        }
        return null;
    }

    private static <T> T started(@Nullable T server, String name) {
        if (server == null) {
            throw new IllegalStateException(name + " was not asked for");
        }
        return server;
    }

    private static void release(DataFolderLock lock) {
        try {
            lock.close();
        } catch (IOException e) {
            LOG.debug("the lock is released at exit", e);
        }
    }
}
