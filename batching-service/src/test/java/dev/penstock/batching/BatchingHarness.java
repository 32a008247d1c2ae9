package dev.penstock.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.bus.Bus;
import dev.penstock.common.bus.CallContext;
import dev.penstock.common.cluster.Membership;
import dev.penstock.common.config.BatchingConfig;
import dev.penstock.common.config.Changed;
import dev.penstock.common.config.ConfigLoader;
import dev.penstock.common.config.ConfigResult;
import dev.penstock.common.config.InstanceConfig;
import dev.penstock.common.config.LiveConfig;
import dev.penstock.common.config.ModelConfig;
import dev.penstock.common.config.PenstockConfig;
import dev.penstock.common.contract.BatchContract;
import dev.penstock.common.contract.BatchContract.CallEnd;
import dev.penstock.common.contract.BatchContract.Inspect;
import dev.penstock.common.contract.BatchContract.Item;
import dev.penstock.common.contract.BatchContract.ItemResult;
import dev.penstock.common.contract.BatchContract.Lease;
import dev.penstock.common.contract.BatchContract.Leased;
import dev.penstock.common.contract.BatchContract.Release;
import dev.penstock.common.contract.BatchContract.Submit;
import dev.penstock.common.contract.BatchContract.SubmitReply;
import dev.penstock.common.contract.Operation;
import dev.penstock.common.contract.Priority;
import dev.penstock.common.contract.Usage;
import dev.penstock.common.health.Health;
import dev.penstock.common.service.Role;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.common.store.Postgres;
import dev.penstock.common.store.Redis;
import dev.penstock.common.telemetry.MicrometerTelemetry;
import dev.penstock.common.time.Ticker;
import dev.penstock.common.unit.Bytes;
import dev.penstock.common.unit.Secret;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.ModelServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A batching service on a local bus with real model servers behind it, and what a gateway would do with it. */
final class BatchingHarness implements AutoCloseable {
    static final String MODEL = "embed";

    final Vertx vertx = Vertx.vertx();
    final List<ModelServer> servers = new ArrayList<>();
    final FakeMembership membership = new FakeMembership();
    final MicrometerTelemetry telemetry = new MicrometerTelemetry();
    final Health health = new Health();
    final Bus bus = new Bus(vertx, membership, Ticker.system());
    final BatchingService service = new BatchingService();
    final LiveConfig live;
    private volatile PenstockConfig next;
    private final AtomicInteger submissions = new AtomicInteger();

    /** One member that serves everything until the test says otherwise. */
    static final class FakeMembership implements Membership {
        volatile List<String> live = List.of();
        volatile Consumer<Set<String>> leave = gone -> {};

        @Override
        public String self() {
            return "me";
        }

        @Override
        public List<String> live(Role role) {
            return live;
        }

        @Override
        public void announce(Role role) {
            live = List.of("me");
        }

        @Override
        public void withdraw() {}

        @Override
        public void onLeave(Consumer<Set<String>> listener) {
            Consumer<Set<String>> before = leave;
            leave = gone -> {
                before.accept(gone);
                listener.accept(gone);
            };
        }

        @Override
        public void onChange(Runnable listener) {}
    }

    /** The shipped defaults, quicker where a test would wait. */
    static BatchingConfig quick() {
        return new BatchingConfig(
                32,
                300_000,
                1,
                100,
                3,
                5,
                Duration.ofSeconds(10),
                Duration.ofMillis(300),
                Duration.ofSeconds(1),
                Duration.ofMillis(200));
    }

    static BatchingConfig breakerAfter(int failures, Duration reset) {
        BatchingConfig quick = quick();
        return new BatchingConfig(
                quick.maxItems(),
                quick.maxTokens(),
                quick.slotsPerInstance(),
                quick.maxQueue(),
                quick.maxAttempts(),
                failures,
                quick.breakerWindow(),
                reset,
                quick.connectTimeout(),
                quick.leaseRenewal());
    }

    BatchingHarness(int instances, BatchingConfig batching) {
        this(instances, 64, batching);
    }

    BatchingHarness(int instances, int maxConcurrency, BatchingConfig batching) {
        List<InstanceConfig> configs = new ArrayList<>();
        for (int i = 0; i < instances; i++) {
            ModelServer server = Await.result(ModelServer.start(vertx));
            servers.add(server);
            configs.add(
                    new InstanceConfig("i" + i, server.baseUrl(), new Secret(""), "sandbox-embed", 1, maxConcurrency));
        }
        ModelConfig model = new ModelConfig(
                MODEL,
                List.of(Operation.EMBEDDINGS, Operation.CHAT),
                "test",
                configs,
                Duration.ofSeconds(30),
                null,
                "");
        PenstockConfig config =
                Changed.with(Changed.with(ConfigLoader.defaults(), "models", List.of(model)), "batching", batching);
        next = config;
        live = new LiveConfig(
                new LiveConfig.Version(config, config, "", List.of()),
                () -> new ConfigResult.Loaded(next, "", List.of()),
                same -> same);
        Await.result(service.start(new ServiceContext(
                vertx,
                bus,
                membership,
                live,
                unused(Redis.class),
                unused(Postgres.class),
                telemetry,
                health,
                Ticker.system(),
                Path.of("."))));
    }

    /** Has the service go over to what {@code change} makes of the configuration in force. */
    void reload(UnaryOperator<PenstockConfig> change) {
        next = change.apply(live.config());
        assertThat(live.reload()).isInstanceOf(LiveConfig.Outcome.Swapped.class);
    }

    /** The configuration with other instances of the one model. */
    static PenstockConfig withInstances(PenstockConfig config, List<InstanceConfig> instances) {
        ModelConfig model = Changed.with(config.models().getFirst(), "instances", instances);
        return Changed.with(config, "models", List.of(model));
    }

    ModelServer server() {
        return servers.getFirst();
    }

    Future<SubmitReply> submit(String... texts) {
        return submit("gateway", "s" + submissions.incrementAndGet(), Duration.ofSeconds(20), texts);
    }

    Future<SubmitReply> submit(String gateway, String submission, Duration budget, String... texts) {
        List<Item> items = new ArrayList<>();
        for (String text : texts) {
            items.add(new Item(json(text), Math.max(1, text.length() / 4)));
        }
        Submit request = new Submit(
                MODEL,
                Operation.EMBEDDINGS,
                Bytes.of("{}"),
                "tenant",
                Priority.NORMAL,
                submission,
                items,
                gateway,
                submission);
        return bus.callOwner(BatchContract.SUBMIT, MODEL, request, context(budget));
    }

    Future<Leased> lease(String gateway, String submission, Duration budget, String... exclude) {
        Lease request =
                new Lease(MODEL, Operation.CHAT, "tenant", Priority.NORMAL, List.of(exclude), gateway, submission);
        return bus.callOwner(BatchContract.LEASE, MODEL, request, context(budget));
    }

    void release(Leased lease, CallEnd end, long retryAfterMillis) {
        Release request =
                new Release(MODEL, lease.lease(), lease.instance(), end, 5_000_000, 0, retryAfterMillis, Usage.NONE);
        Await.result(bus.call(BatchContract.RELEASE, "me", request, context(Duration.ofSeconds(5))));
    }

    BatchContract.Pool pool() {
        return Await.result(bus.call(BatchContract.INSPECT, "me", new Inspect(), context(Duration.ofSeconds(5))))
                .pools()
                .getFirst();
    }

    BatchContract.Instance instance(int i) {
        return pool().instances().get(i);
    }

    static ItemResult only(Future<SubmitReply> reply) {
        return Await.result(reply).results().getFirst();
    }

    static CallContext context(Duration budget) {
        return CallContext.internal("test", System.nanoTime(), budget);
    }

    private static Bytes json(String text) {
        String array = new JsonArray().add(text).encode();
        return Bytes.of(array.substring(1, array.length() - 1));
    }

    private static <T> T unused(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (p, method, args) -> {
            throw new AssertionError("batching must not need " + type.getSimpleName());
        }));
    }

    @Override
    public void close() {
        Await.result(service.stop());
        Await.result(vertx.close());
        telemetry.close();
    }
}
