package dev.penstock.sandbox;

import io.vertx.core.Vertx;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sandbox as a process of its own, for clusters, whose processes share no loopback: {@code SandboxMain HOST PORT}.
 * SIGTERM ends it at once; it has nothing to lose.
 */
public final class SandboxMain {
    private static final Logger log = LoggerFactory.getLogger(SandboxMain.class);

    private SandboxMain() {}

    /** Listens until the process is ended; exits with 1 where the port is taken and with 2 for wrong arguments. */
    public static void main(String[] arguments) {
        if (arguments.length != 2 || !arguments[1].matches("\\d{1,5}")) {
            log.error("usage: SandboxMain HOST PORT");
            System.exit(2);
        }
        SandboxOptions defaults = SandboxOptions.DEFAULTS;
        SandboxOptions options =
                new SandboxOptions(arguments[0], Integer.parseInt(arguments[1]), defaults.behaviour(), defaults.seed());
        SandboxServer.start(Vertx.vertx(), options)
                .onSuccess(server -> log.info("sandbox models at {}", server.baseUrl()))
                .onFailure(cause -> {
                    log.error("cannot listen on {}:{}", options.host(), options.port(), cause);
                    System.exit(1);
                });
    }
}
