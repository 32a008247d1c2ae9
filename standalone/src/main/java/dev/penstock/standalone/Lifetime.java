package dev.penstock.standalone;

import dev.penstock.common.config.TelemetryConfig;
import dev.penstock.common.lifecycle.StartException;
import dev.penstock.common.log.LogSetup;
import dev.penstock.common.service.Role;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs an app until the process is told to end: Ctrl-C and SIGTERM wait in a shutdown hook until all is drained and
 * stopped, so that nothing is left behind.
 */
final class Lifetime {
    private static final Logger log = LoggerFactory.getLogger(Lifetime.class);
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
        LogSetup logs = logs(options);
        Future<App> starting = App.start(options);
        CountDownLatch ended = new CountDownLatch(1);
        AtomicReference<String> failure = new AtomicReference<>("");
        Thread hook = new Thread(
                () -> {
                    if (!options.clustered()) {
                        console.say("Stopping; what was accepted is finished first.");
                    }
                    stop(starting, logs);
                },
                "shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        App app;
        try {
            app = Blocking.await(starting, START_LIMIT, "Starting");
        } catch (RuntimeException e) {
            remove(hook);
            logs.close();
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

    /**
     * People at a terminal get text, and of that only what should worry them, so that the greeting stands out; whoever
     * asks for debug gets it. Pipes and containers get what the configuration says.
     */
    private static LogSetup logs(AppOptions options) {
        String service = options.clustered()
                ? options.roles().stream().map(Role::label).collect(Collectors.joining("+"))
                : "standalone";
        String member = Long.toString(ProcessHandle.current().pid());
        boolean terminal = Optional.ofNullable(System.console())
                .map(java.io.Console::isTerminal)
                .orElse(false);
        TelemetryConfig telemetry = options.config().telemetry();
        return terminal && !options.clustered()
                ? LogSetup.configure(quieter(telemetry), LogSetup.Format.COLOURED_TEXT, service, member)
                : LogSetup.configure(telemetry, service, member);
    }

    private static TelemetryConfig quieter(TelemetryConfig telemetry) {
        return telemetry.logLevel().equals("info") ? Configs.withLogLevel(telemetry, "warn") : telemetry;
    }

    private static void stop(Future<App> starting, LogSetup logs) {
        Future<Void> stopped = starting.compose(App::stop).otherwiseEmpty();
        try {
            Blocking.await(stopped, STOP_LIMIT, "Stopping");
        } finally {
            logs.close();
        }
    }

    /** Where the process is ending already, the hook is running and has nothing to stop. */
    private static void remove(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            log.debug("ending already", e);
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
