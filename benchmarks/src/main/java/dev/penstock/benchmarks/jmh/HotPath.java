package dev.penstock.benchmarks.jmh;

import dev.penstock.common.contract.CacheContract.CacheKey;
import dev.penstock.common.contract.CacheContract.CacheType;
import dev.penstock.common.health.Health;
import dev.penstock.gateway.audit.Audit;
import dev.penstock.gateway.auth.Auth;
import dev.penstock.gateway.auth.AuthResult;
import dev.penstock.gateway.auth.Authenticator;
import dev.penstock.gateway.limit.Allowance;
import dev.penstock.gateway.limit.Caller;
import dev.penstock.gateway.limit.Limiter;
import dev.penstock.gateway.nearcache.KeyHasher;
import dev.penstock.gateway.nearcache.NearEntry;
import dev.penstock.gateway.policy.OperationClass;
import dev.penstock.gateway.policy.WindowSet.Decision;
import dev.penstock.gateway.wire.EmbeddingsRequest;
import dev.penstock.gateway.wire.Form;
import dev.penstock.gateway.wire.ModelRequest;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What each step of a near-cache hit costs, and the way from head to answer without the socket. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 2,
        jvmArgsAppend = {
            "-Xmx320m",
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow"
        })
@SuppressWarnings("NullAway.Init") // JMH calls the set-up first
public class HotPath {
    private Pieces pieces;
    private String tenant;
    private KeyHasher hasher;
    private EmbeddingsRequest request;
    private byte[] params;
    private byte[] identity;
    private ModelRequest chat;
    private CacheKey key;
    private Limiter limiter;
    private Caller caller;
    private Authenticator authenticator;
    private FakeRequest credentials;
    private HitPipeline pipeline;
    private Buffer body;

    /** Makes the parts and puts the answer into the near cache. */
    @Setup
    public void prepare() throws IOException {
        pieces = new Pieces();
        hasher = pieces.hasher();
        request = EmbeddingsRequest.read(Pieces.EMBEDDING);
        params = request.params().unsafeArray();
        identity = request.inputs().getFirst().identity();
        chat = ModelRequest.read(Form.CHAT, Pieces.CHAT);
        limiter = new Limiter(
                pieces.context.redis(),
                pieces.membership,
                pieces.context.ticker(),
                pieces.context.telemetry(),
                Pieces.WIDE_LIMITS,
                false);
        limiter.register(new Health());
        authenticator = Auth.create(pieces.context, Audit.NONE, List.of()).authenticator();
        credentials = new FakeRequest(
                "/v1/embeddings", HttpHeaders.headers().set("authorization", "Bearer " + Pieces.ADMIN_KEY));
        if (!(authenticator.authenticate(credentials) instanceof AuthResult.Authenticated known)) {
            throw new IOException("the admin key is refused");
        }
        tenant = known.principal().tenant();
        caller = Caller.of(known.principal(), "127.0.0.1");
        key = pieces.embeddingKey(tenant);
        pieces.keep(key);
        body = Buffer.buffer(Pieces.EMBEDDING);
        pipeline = new HitPipeline(pieces, authenticator, limiter);
        if (pipeline.hit(body).length() < Pieces.VECTOR_FLOATS) {
            throw new IOException("the pipeline does not answer from the near cache");
        }
    }

    /** Stops what the parts started. */
    @TearDown
    public void stop() throws IOException {
        pieces.close();
    }

    @Benchmark
    public CacheKey cacheKey() {
        return hasher.key(tenant, CacheType.EMBEDDING, Pieces.MODEL, params, identity);
    }

    @Benchmark
    public @Nullable NearEntry nearCacheGet() {
        return pieces.near.find(key, System.nanoTime(), System.currentTimeMillis());
    }

    @Benchmark
    public @Nullable Decision limiterLocalWindows() {
        Allowance allowance = limiter.allowance(caller, "embeddings", OperationClass.ANALYSIS);
        return allowance == null ? null : allowance.now();
    }

    @Benchmark
    public @Nullable Allowance limiterNothingLimits() {
        return limiter.allowance(caller, "models", OperationClass.REFERENCE);
    }

    @Benchmark
    public EmbeddingsRequest parseEmbeddings() {
        return EmbeddingsRequest.read(Pieces.EMBEDDING);
    }

    @Benchmark
    public ModelRequest parseChat() {
        return ModelRequest.read(Form.CHAT, Pieces.CHAT);
    }

    @Benchmark
    public byte[] chatQuestion() {
        return chat.question();
    }

    @Benchmark
    public AuthResult authenticate() {
        return authenticator.authenticate(credentials);
    }

    @Benchmark
    public Buffer pipelineHit() {
        return pipeline.hit(body);
    }
}
