package dev.penstock.standalone;

import dev.penstock.common.bus.Bus;
import dev.penstock.common.bus.HearingProbe;
import dev.penstock.common.cluster.ClusterNode;
import dev.penstock.common.cluster.Membership;
import dev.penstock.common.cluster.StandaloneMembership;
import dev.penstock.common.config.Changed;
import dev.penstock.common.config.ConfigResult;
import dev.penstock.common.config.LiveConfig;
import dev.penstock.common.config.ModelConfig;
import dev.penstock.common.config.PenstockConfig;
import dev.penstock.common.health.Health;
import dev.penstock.common.health.ManagementServer;
import dev.penstock.common.lifecycle.Cleanups;
import dev.penstock.common.lifecycle.StartException;
import dev.penstock.common.log.LogSetup;
import dev.penstock.common.service.Role;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.common.telemetry.MicrometerTelemetry;
import dev.penstock.common.telemetry.SamplePublisher;
import dev.penstock.common.telemetry.VertxMetering;
import dev.penstock.common.time.Ticker;
import dev.penstock.common.unit.Secret;
import dev.penstock.embedded.EmbeddedOptions;
import dev.penstock.embedded.EmbeddedServers;
import dev.penstock.sandbox.SandboxOptions;
import dev.penstock.sandbox.SandboxServer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running Penstock process, for the command line and for tests alike: it never ends the JVM. Start and stop run on
 * threads of their own; the methods may be called from any thread.
 */
public final class App {
    private static final Logger log = LoggerFactory.getLogger(App.class);
    /** The exit status of a member that stood still for too long, as documented in docs/operations.md. */
    private static final int FROZEN_EXIT = 75;

    private static final Duration EMBEDDED_LIMIT = Duration.ofSeconds(90);
    private static final Duration STEP_LIMIT = Duration.ofSeconds(15);
    private static final Duration JOIN_LIMIT = Duration.ofSeconds(70);
    private static final Duration CLEANUP_LIMIT = Duration.ofMinutes(2);
    /** Longer on an event loop than this is told in the log: others wait meanwhile. */
    private static final long EVENT_LOOP_WARN_MILLIS = 500;

    private final AppOptions options;
    private final Cleanups cleanups = new Cleanups();
    private final Promise<String> fatal = Promise.promise();
    private final Promise<Void> stopped = Promise.promise();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final Health health = new Health();
    private volatile PenstockConfig config;
    private volatile Path folder;
    /** Those that were found where the configuration names none. */
    private volatile List<ModelConfig> ownModels = List.of();

    private volatile int managementPort;
    private volatile Optional<String> sandboxUrl = Optional.empty();
    private volatile @Nullable Vertx vertx;
    private volatile @Nullable EmbeddedServers embedded;
    private volatile @Nullable MicrometerTelemetry telemetry;

    private App(AppOptions options) {
        this.options = options;
        this.config = options.config();
        this.folder = options.dataFolder();
    }

    /**
     * Starts everything that the options ask for.
     *
     * @return completed when the process serves; failed with a {@link StartException} or an
     *     {@link dev.penstock.embedded.EmbeddedException}, whose message is for the user, after all that was begun has
     *     been undone
     */
    public static Future<App> start(AppOptions options) {
        App app = new App(options);
        return Blocking.run("start", app::startAll)
                .recover(cause -> app.stop().transform(ignored -> Future.failedFuture(cause)));
    }

    /** Drains and stops everything, each step bounded; always succeeds, and may be called more than once. */
    public Future<Void> stop() {
        if (stopping.compareAndSet(false, true)) {
            Blocking.run("stop", this::stopAll).onComplete(ignored -> stopped.tryComplete());
        }
        return stopped.future();
    }

    /** The configuration in force, with what was generated and started filled in: the gateway's real port, for one. */
    public PenstockConfig config() {
        return config;
    }

    /** The data folder, as a real path. */
    public Path dataFolder() {
        return folder;
    }

    public Health health() {
        return health;
    }

    /** Where this process tells its metrics and health; 0 before it does. */
    public int managementPort() {
        return managementPort;
    }

    /** Where the built-in model server listens and can be told how to behave; empty where no model needs it. */
    public Optional<String> sandboxUrl() {
        return sandboxUrl;
    }

    /** Completed with a sentence when the process can no longer do its work and must be started again. */
    public Future<String> fatal() {
        return fatal.future();
    }

    private App startAll() {
        folder = PrivateFiles.folder(options.dataFolder());
        Future<EmbeddedServers> servers = Blocking.run("embedded-servers", this::startServers);
        servers.onSuccess(started -> embedded = started);
        MicrometerTelemetry metrics = new MicrometerTelemetry();
        telemetry = metrics;
        try {
            Membership membership = startVertx(metrics);
            EmbeddedServers started = Blocking.await(servers, EMBEDDED_LIMIT, "Starting PostgreSQL and Redis");
            startServices(Objects.requireNonNull(vertx), membership, metrics, started);
        } finally {
            // A failure beside the servers' start must not leave them behind.
            embedded = settled(servers);
        }
        return this;
    }

    private static @Nullable EmbeddedServers settled(Future<EmbeddedServers> servers) {
        try {
            return Blocking.await(servers, EMBEDDED_LIMIT, "Starting PostgreSQL and Redis");
        } catch (RuntimeException e) {
            log.debug("nothing to stop", e);
            return null;
        }
    }

    /** In a cluster none, but the folder is still held against a second process. */
    private EmbeddedServers startServers() {
        boolean postgres =
                !options.clustered() && config.postgres().url().reveal().isBlank();
        boolean redis = !options.clustered() && config.redis().url().reveal().isBlank();
        EmbeddedOptions wanted = options.durable() ? EmbeddedOptions.DEFAULTS : EmbeddedOptions.forTests();
        if (options.binaries().isPresent()) {
            wanted = wanted.withBinaries(options.binaries().get());
        }
        return EmbeddedServers.start(folder, wanted.withServers(postgres, redis));
    }

    private Membership startVertx(MicrometerTelemetry metrics) {
        VertxOptions wanted = new VertxOptions()
                .setPreferNativeTransport(true)
                .setMaxEventLoopExecuteTime(EVENT_LOOP_WARN_MILLIS)
                .setMaxEventLoopExecuteTimeUnit(TimeUnit.MILLISECONDS);
        if (!options.clustered()) {
            vertx = VertxMetering.builder(wanted, metrics).build();
            return new StandaloneMembership();
        }
        ClusterNode node = Blocking.await(
                ClusterNode.join(config.cluster(), () -> VertxMetering.builder(wanted, metrics), wanted),
                JOIN_LIMIT,
                "Joining the cluster");
        vertx = node.vertx();
        Standstill.watch(Ticker.system(), App::endFrozen);
        var membership = node.membership();
        Blocking.await(
                HearingProbe.start(
                        node.vertx(),
                        membership.self(),
                        membership::peers,
                        Ticker.system(),
                        () -> fatal.tryComplete("The other members can no longer reach this one.")),
                STEP_LIMIT,
                "Registering with the cluster");
        return membership;
    }

    /** At once and without a drain: every message that leaves this process now would mislead the others. */
    private static void endFrozen(long nanos) {
        Runtime.getRuntime().halt(FROZEN_EXIT);
    }

    private void startServices(
            Vertx running, Membership membership, MicrometerTelemetry metrics, EmbeddedServers servers) {
        useServers(servers);
        Stores stores = options.clustered() ? Stores.shared(running, config) : Stores.own(running, config);
        cleanups.add(
                "close stores",
                STEP_LIMIT,
                () -> Future.join(stores.redis().close(), stores.postgres().close()));
        stores.register(health);
        startManagement(running, metrics);
        health.configHash(options.configHash());
        useSecrets();
        useModels(running);
        Bus bus = new Bus(running, membership, Ticker.system());
        LiveConfig live = new LiveConfig(
                new LiveConfig.Version(options.config(), config, options.configHash(), List.of()),
                () -> options.source()
                        .map(source -> source.reader().get())
                        .orElseGet(() -> new ConfigResult.Loaded(options.config(), options.configHash(), List.of())),
                this::completed);
        ServiceContext context = new ServiceContext(
                running,
                bus,
                membership,
                live,
                stores.redis(),
                stores.postgres(),
                metrics,
                health,
                Ticker.system(),
                folder);
        startPublishing(context, metrics);
        live.register((before, next) -> () -> LogSetup.levels(next.telemetry().logLevel()));
        Topology.start(options.roles(), context, cleanups)
                .ifPresent(port -> config = Configs.withServer(
                        config, Configs.server(config.server(), config.server().host(), port)));
        live.register((before, next) -> () -> config = next);
        Blocking.await(
                new Reloads(running, live, health, options.source().flatMap(ConfigSource::file)).start(bus),
                STEP_LIMIT,
                "Listening for reloads");
        cleanups.add("withdraw", STEP_LIMIT, () -> {
            health.ready(false);
            membership.withdraw();
            return Future.succeededFuture();
        });
        health.ready(true);
    }

    /** A new configuration with what this process made and started; its models may name no server that is not running. */
    private PenstockConfig completed(PenstockConfig written) {
        PenstockConfig now = config;
        PenstockConfig next = Configs.withServer(
                written,
                Configs.server(
                        written.server(), now.server().host(), now.server().port()));
        next = Configs.withAuth(next, now.auth().secret(), now.auth().adminKey());
        next = Changed.with(next, "encryption", now.encryption());
        next = Configs.withRedisUrl(next, now.redis().url().reveal());
        next = Configs.withPostgresUrl(next, now.postgres().url().reveal());
        List<ModelConfig> named = next.models();
        if (named.isEmpty()) {
            if (!options.config().models().isEmpty()) {
                throw new IllegalArgumentException("models: becomes empty with a restart only; name at least one");
            }
            named = ownModels;
        }
        if (Models.needSandbox(named) && sandboxUrl.isEmpty()) {
            throw new IllegalArgumentException(
                    "models: this process did not start the sandbox; restart it, or name servers that run");
        }
        String url = sandboxUrl.map(base -> base + "/v1").orElse("");
        return Configs.withModels(Configs.withFreeSandbox(next, named), Models.withSandbox(named, url));
    }

    private void useServers(EmbeddedServers servers) {
        if (options.clustered()) {
            return;
        }
        if (config.postgres().url().reveal().isBlank()) {
            config = Configs.withPostgresUrl(config, servers.postgresUrl());
        }
        if (config.redis().url().reveal().isBlank()) {
            config = Configs.withRedisUrl(config, servers.redisUrl());
        }
    }

    /** A cluster's gateways must share the secret, so there it is never made up. */
    private void useSecrets() {
        if (options.clustered()) {
            if (options.roles().contains(Role.GATEWAY)
                    && config.auth().secret().reveal().isBlank()) {
                throw new StartException("auth.secret (PENSTOCK_AUTH_SECRET) is not set; all gateways of a cluster need"
                        + " the same, for example from: openssl rand -hex 32.");
            }
            return;
        }
        Secret secret = config.auth().secret();
        Secret adminKey = config.auth().adminKey();
        config = Configs.withAuth(
                config,
                secret.reveal().isBlank() ? PrivateFiles.secret(folder.resolve("auth.secret")) : secret,
                adminKey.reveal().isBlank() ? PrivateFiles.secret(adminKeyFile()) : adminKey);
        if (config.encryption().keys().isEmpty()) {
            config = Configs.withEncryptionKey(config, PrivateFiles.secret(folder.resolve("encryption.key")));
        }
    }

    /** Where a generated admin key is kept. */
    Path adminKeyFile() {
        return folder.resolve("admin.key");
    }

    private void useModels(Vertx running) {
        List<ModelConfig> models = new ArrayList<>(config.models());
        if (models.isEmpty()) {
            Providers named = options.providers();
            named.openAiKey().ifPresent(key -> models.addAll(Models.openAi(key)));
            named.anthropicKey().ifPresent(key -> models.addAll(Models.anthropic(key)));
            named.ollama()
                    .ifPresent(url -> models.addAll(
                            Blocking.await(Models.ollama(running, url), STEP_LIMIT, "Asking Ollama for its models")));
        }
        if (models.isEmpty() && options.providers().ollama().isPresent()) {
            throw new StartException(
                    "The Ollama at " + options.providers().ollama().get()
                            + " has no model yet; give it one (for example: ollama pull llama3.2), or unset OLLAMA_HOST.");
        }
        if (models.isEmpty()) {
            models.addAll(Models.sandbox());
        }
        ownModels = List.copyOf(models);
        boolean callsModels =
                options.roles().contains(Role.GATEWAY) || options.roles().contains(Role.BATCHING);
        if (callsModels && Models.needSandbox(models)) {
            SandboxServer sandbox = Blocking.await(
                    SandboxServer.start(running, SandboxOptions.DEFAULTS), STEP_LIMIT, "Starting the sandbox models");
            cleanups.add("close sandbox", STEP_LIMIT, sandbox::close);
            sandboxUrl = Optional.of(sandbox.baseUrl().replaceAll("/v1$", ""));
            config = Configs.withModels(
                    Configs.withFreeSandbox(config, models), Models.withSandbox(models, sandbox.baseUrl()));
        } else {
            config = Configs.withModels(config, models);
        }
    }

    private void startManagement(Vertx running, MicrometerTelemetry metrics) {
        ManagementServer management = new ManagementServer(running, health, metrics::scrape);
        managementPort = Blocking.await(management.start(config.server()), STEP_LIMIT, "Opening the management port");
        cleanups.add("close management port", STEP_LIMIT, management::stop);
    }

    private void startPublishing(ServiceContext context, MicrometerTelemetry metrics) {
        String service = options.clustered()
                ? options.roles().stream().map(Role::label).collect(Collectors.joining("+"))
                : "standalone";
        SamplePublisher publisher = new SamplePublisher(
                context.vertx(),
                context.bus(),
                metrics,
                health,
                new SamplePublisher.Identity(service, context.membership().self()),
                config.telemetry().slot());
        publisher.start();
        cleanups.add("stop publishing", STEP_LIMIT, publisher::stop);
    }

    private @Nullable Void stopAll() {
        health.ready(false);
        Vertx running = vertx;
        if (running != null) {
            quietly("shutdown", cleanups.run(running), CLEANUP_LIMIT);
            quietly("closing Vert.x", running.close(), STEP_LIMIT);
        }
        MicrometerTelemetry metrics = telemetry;
        if (metrics != null) {
            metrics.close();
        }
        EmbeddedServers servers = embedded;
        if (servers != null) {
            servers.close();
        }
        return null;
    }

    private static void quietly(String what, Future<?> step, Duration limit) {
        try {
            Blocking.await(step, limit, what);
        } catch (RuntimeException e) {
            log.warn("{}: {}", what, String.valueOf(e.getMessage()));
        }
    }
}
