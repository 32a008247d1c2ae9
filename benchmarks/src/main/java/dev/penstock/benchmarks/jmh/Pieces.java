package dev.penstock.benchmarks.jmh;

import dev.penstock.common.bus.Bus;
import dev.penstock.common.cluster.Membership;
import dev.penstock.common.cluster.StandaloneMembership;
import dev.penstock.common.config.ConfigLoader;
import dev.penstock.common.config.ConfigResult;
import dev.penstock.common.config.LimitClassConfig;
import dev.penstock.common.config.LiveConfig;
import dev.penstock.common.config.PenstockConfig;
import dev.penstock.common.contract.CacheContract.CacheKey;
import dev.penstock.common.contract.CacheContract.CacheType;
import dev.penstock.common.contract.CacheContract.Entry;
import dev.penstock.common.contract.Usage;
import dev.penstock.common.health.Health;
import dev.penstock.common.service.Role;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.common.store.AbsentPostgres;
import dev.penstock.common.store.AbsentRedis;
import dev.penstock.common.telemetry.MicrometerTelemetry;
import dev.penstock.common.time.Ticker;
import dev.penstock.common.unit.Bytes;
import dev.penstock.gateway.nearcache.KeyHasher;
import dev.penstock.gateway.nearcache.NearCache;
import dev.penstock.gateway.wire.EmbeddingsRequest;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A gateway's parts without neighbours and without a network, as one event loop has them. */
final class Pieces implements AutoCloseable {
    static final String ADMIN_KEY = "psk-0123456789abcdef0123456789abcdef";
    static final String TEXT = "The gate is open and the water runs through the penstock to the turbine.";
    static final byte[] EMBEDDING =
            ("{\"model\":\"sandbox-embed\",\"input\":\"" + TEXT + "\"}").getBytes(StandardCharsets.UTF_8);
    static final byte[] CHAT =
            ("{\"model\":\"sandbox-chat\",\"temperature\":0,\"messages\":[{\"role\":\"user\",\"content\":\"" + TEXT
                            + "\"}]}")
                    .getBytes(StandardCharsets.UTF_8);
    static final byte[] MODEL = "sandbox-embed\0".getBytes(StandardCharsets.UTF_8);

    /** Numbers in the vector that is kept; its JSON is longer than this. */
    static final int VECTOR_FLOATS = 256;

    /** Nobody reaches these, and for models there are none. */
    static final List<LimitClassConfig> WIDE_LIMITS = List.of(
            LimitClassConfig.requests("analysis", 1_000_000_000, 1_000_000_000, 1_000_000_000),
            LimitClassConfig.requests("reference", 0, 0, 0));

    private static final String YAML = """
            auth:
              admin-key: psk-0123456789abcdef0123456789abcdef
              secret: 0123456789abcdef0123456789abcdef
            cache:
              coherence-lease: 24h
            telemetry:
              access-log-sample: 1000000000
            models:
              - name: sandbox-chat
                operations: [chat]
                instances: [{name: one, url: "http://127.0.0.1:9/v1"}]
              - name: sandbox-embed
                operations: [embeddings]
                instances: [{name: one, url: "http://127.0.0.1:9/v1"}]
            """;

    private final Vertx vertx = Vertx.vertx();
    private final Path folder;
    final Membership membership = new StandaloneMembership();
    final PenstockConfig config;
    final ServiceContext context;
    final NearCache near;

    Pieces() throws IOException {
        folder = Files.createTempDirectory("penstock-jmh-");
        config = switch (ConfigLoader.parse(YAML, Map.of())) {
            case ConfigResult.Loaded loaded -> loaded.config();
            case ConfigResult.Rejected rejected ->
                throw new IOException(rejected.errors().toString());
        };
        membership.announce(Role.CACHE);
        membership.announce(Role.GATEWAY);
        context = new ServiceContext(
                vertx,
                new Bus(vertx, membership, Ticker.system()),
                membership,
                LiveConfig.fixed(config),
                new AbsentRedis(),
                new AbsentPostgres(),
                new MicrometerTelemetry(),
                new Health(),
                Ticker.system(),
                folder);
        near = new NearCache(config.cache(), membership, Ticker.system());
        near.heard(membership.self(), 0);
    }

    KeyHasher hasher() {
        return new KeyHasher(config.auth().secret().reveal());
    }

    /** Under which the gateway keeps the answer to {@link #EMBEDDING}. */
    CacheKey embeddingKey(String tenant) {
        EmbeddingsRequest request = EmbeddingsRequest.read(EMBEDDING);
        return hasher().key(
                        tenant,
                        CacheType.EMBEDDING,
                        MODEL,
                        request.params().unsafeArray(),
                        request.inputs().getFirst().identity());
    }

    /** A vector in the near cache. */
    void keep(CacheKey key) {
        byte[] vector = new byte[VECTOR_FLOATS * Float.BYTES];
        java.util.Arrays.fill(vector, (byte) 0x3d);
        near.put(
                key,
                new Entry(
                        "application/octet-stream",
                        Bytes.of(vector),
                        System.currentTimeMillis(),
                        Duration.ofHours(24),
                        Duration.ofMillis(20),
                        Usage.of(12, 0, false),
                        "sandbox-embed"),
                near.epoch());
    }

    @Override
    public void close() throws IOException {
        vertx.close().await();
        try (var files = Files.walk(folder)) {
            for (Path path : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
