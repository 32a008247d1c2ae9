package dev.penstock.standalone;

import dev.penstock.common.lifecycle.StartException;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Runs an app until the process is told to end: Ctrl-C and SIGTERM wait in a shutdown hook until all is drained and
 * stopped, so that nothing is left behind.
 */
final class Lifetime {
    private static final Duration START_LIMIT = Duration.ofMinutes(5);
    private static final Duration STOP_LIMIT = Duration.ofMinutes(3);

    private Lifetime() {}

    /**
     * Blocks until the app has stopped.
     *
     * @param ready told once the app serves
     * @return the exit code
     */
    static int run(AppOptions options, Console console, Consumer<App> ready) {
        Future<App> starting = App.start(options);
        CountDownLatch ended = new CountDownLatch(1);
        AtomicReference<String> failure = new AtomicReference<>("");
        Thread hook = new Thread(() -> stop(starting), "shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        App app;
        try {
            app = Blocking.await(starting, START_LIMIT, "Starting");
        } catch (RuntimeException e) {
            remove(hook);
            throw e;
        }
        app.fatal().onSuccess(why -> {
            failure.set(why);
            ended.countDown();
        });
        ready.accept(app);
        waitFor(ended);
        console.fail(new StartException(failure.get() + " It stops, to be started again."));
        return 1;
    }

    private static void stop(Future<App> starting) {
        Future<Void> stopped = starting.compose(App::stop).otherwiseEmpty();
        Blocking.await(stopped, STOP_LIMIT, "Stopping");
    }

    /** Where the process is ending already, the hook is running and has nothing to stop. */
    private static void remove(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            org.slf4j.LoggerFactory.getLogger(Lifetime.class).debug("ending already", e);
        }
    }

    private static void waitFor(CountDownLatch ended) {
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
