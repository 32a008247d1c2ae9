package dev.penstock.embedded;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one server running: when it dies by itself it is started again on the same port, with pauses that
 * grow while it keeps dying. Callers see an absence of a second or so, as with any restarted database.
 */
final class Supervisor {
    private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    private static final Duration STABLE_AFTER = Duration.ofSeconds(30);

    private final Server server;
    private final EmbeddedOptions options;
    private final Thread watcher;
    private volatile ServerProcess process;
    private volatile boolean closing;

    private Supervisor(Server server, ServerProcess process, EmbeddedOptions options) {
        this.server = server;
        this.process = process;
        this.options = options;
        this.watcher = Thread.ofVirtual().name("embedded-" + server.name()).unstarted(this::watch);
    }

    static Supervisor watch(Server server, ServerProcess process, EmbeddedOptions options) {
        Supervisor supervisor = new Supervisor(server, process, options);
        supervisor.watcher.start();
        return supervisor;
    }

    long pid() {
        return process.pid();
    }

    /** Stops the server in an orderly way, or kills it when the time is up. */
    void close() {
        closing = true;
        watcher.interrupt();
        try {
            watcher.join(options.stopTimeout());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        ServerProcess.stop(process.handle(), server.stopSignals(), options.stopTimeout());
    }

    private void watch() {
        long pause = FIRST_PAUSE.toNanos();
        try {
            while (!closing) {
                long since = System.nanoTime();
                process.awaitExit();
                if (closing) {
                    return;
                }
                LOG.error("{} (process {}) has died by itself", server.name(), process.pid());
                if (!options.supervised()) {
                    return;
                }
                boolean stable = System.nanoTime() - since > STABLE_AFTER.toNanos();
                pause = stable ? FIRST_PAUSE.toNanos() : Math.min(pause * 2, LONGEST_PAUSE.toNanos());
                LockSupport.parkNanos(pause);
                startAgain();
            }
        } catch (InterruptedException _) {
            // close() takes it from here
        }
    }

    private void startAgain() {
        if (closing) {
            return;
        }
        try {
            process = server.restart();
            LOG.warn("{} runs again (process {})", server.name(), process.pid());
        } catch (IOException | EmbeddedException e) {
            LOG.error("{} could not be started again: {}", server.name(), e.getMessage());
        }
    }

    /** What the supervisor needs to know of a server. */
    interface Server {
        String name();

        List<String> stopSignals();

        /** Starts it where it was before, or throws after having cleaned up. */
        ServerProcess restart() throws IOException;
    }
}
