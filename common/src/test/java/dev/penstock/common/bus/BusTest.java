package dev.penstock.common.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.common.contract.CacheContract;
import dev.penstock.common.contract.CacheContract.ReadStats;
import dev.penstock.common.contract.CacheContract.Stats;
import dev.penstock.common.contract.SecurityContract;
import dev.penstock.common.contract.SecurityContract.KeysChanged;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.service.Role;
import dev.penstock.common.time.Deadline;
import dev.penstock.common.time.Ticker;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BusTest {
    private static final Stats STATS = new Stats("me", List.of(), 0, 0);
    private final Ticker ticker = Ticker.system();
    private Vertx vertx;
    private Bus bus;

    @BeforeEach
    void start() {
        vertx = Vertx.vertx();
        bus = new Bus(vertx, new FakeMembership("me", "me"), ticker);
    }

    @AfterEach
    void stop() throws Exception {
        get(vertx.close());
    }

    @Test
    void aCallReachesItsHandlerAndBringsTheSameObjectBack() throws Exception {
        get(bus.serve(CacheContract.STATS, (request, context) -> Future.succeededFuture(STATS)));

        assertThat(get(bus.callAny(CacheContract.STATS, new ReadStats(), within(1_000))))
                .isSameAs(STATS);
    }

    @Test
    void correlationTraceAndRemainingBudgetTravelWithTheCall() throws Exception {
        var seen = new AtomicReference<CallContext>();
        var inLogs = new AtomicReference<CallContext>();
        get(bus.serve(CacheContract.STATS, (request, context) -> {
            seen.set(context);
            inLogs.set(CallScope.current());
            return Future.succeededFuture(STATS);
        }));

        get(bus.callAny(
                CacheContract.STATS,
                new ReadStats(),
                new CallContext("r-1", "00-trace", Deadline.after(ticker.nanos(), Duration.ofMillis(700)))));

        assertThat(seen.get().correlationId()).isEqualTo("r-1");
        assertThat(seen.get().traceparent()).isEqualTo("00-trace");
        assertThat(seen.get().deadline().remainingMillis(ticker.nanos())).isBetween(1L, 700L);
        assertThat(inLogs.get()).isEqualTo(seen.get());
    }

    @Test
    void aHandlerThatThrowsStillAnswersAtOnceWithoutDetail() throws Exception {
        get(bus.serve(CacheContract.STATS, (request, context) -> {
            throw new IllegalStateException("secret detail");
        }));

        Fault fault = faultOf(bus.callAny(CacheContract.STATS, new ReadStats(), within(5_000)));

        assertThat(fault.code()).isEqualTo(FaultCode.INTERNAL);
        assertThat(fault.reason()).doesNotContain("secret detail");
    }

    @Test
    void anAnswerThatCannotBeSentIsAFailureAtOnceAndNotATimeout() throws Exception {
        var foreign = Endpoint.of(Role.CACHE, "test.foreign.v1", ReadStats.class, Object.class, Duration.ofSeconds(30));
        get(bus.serve(foreign, (request, context) -> Future.succeededFuture(new Object())));

        assertThat(faultOf(bus.callAny(foreign, new ReadStats(), within(30_000)))
                        .code())
                .isEqualTo(FaultCode.INTERNAL);
    }

    @Test
    void aFaultCrossesTheBusWhole() throws Exception {
        Fault sent = Fault.detailed(FaultCode.OVERLOADED, 503, "full", "model", Duration.ofMillis(1500));
        get(bus.serve(CacheContract.STATS, (request, context) -> Future.failedFuture(sent)));

        assertThat(faultOf(bus.callAny(CacheContract.STATS, new ReadStats(), within(5_000))))
                .usingRecursiveComparison()
                .isEqualTo(sent);
    }

    @Test
    void aCallWhoseBudgetIsSpentFailsWithoutBeingSent() throws Exception {
        assertThat(faultOf(bus.callAny(CacheContract.STATS, new ReadStats(), within(-1)))
                        .code())
                .isEqualTo(FaultCode.TIMEOUT);
    }

    @Test
    void aHandlerThatNeverAnswersCostsTheCallerItsBudgetAndNoMore() throws Exception {
        get(bus.serve(
                CacheContract.STATS,
                (request, context) -> Promise.<Stats>promise().future()));

        assertThat(faultOf(bus.callAny(CacheContract.STATS, new ReadStats(), within(50)))
                        .code())
                .isEqualTo(FaultCode.TIMEOUT);
    }

    @Test
    void aCallToNobodyIsRefusedAtOnceAndMayBeRetried() throws Exception {
        Fault fault = faultOf(bus.callAny(CacheContract.STATS, new ReadStats(), within(5_000)));

        assertThat(fault.code()).isEqualTo(FaultCode.UNAVAILABLE);
        assertThat(fault.retryable()).isTrue();
    }

    @Test
    void everySubscriberHearsWhatIsPublished() throws Exception {
        var first = new CompletableFuture<KeysChanged>();
        var second = new CompletableFuture<KeysChanged>();
        get(bus.subscribe(SecurityContract.KEYS_CHANGED, first::complete));
        get(bus.subscribe(SecurityContract.KEYS_CHANGED, second::complete));

        bus.publish(SecurityContract.KEYS_CHANGED, new KeysChanged(3), within(1_000));

        assertThat(first.get(5, TimeUnit.SECONDS)).isEqualTo(second.get(5, TimeUnit.SECONDS));
    }

    @Test
    void timeoutsAreToldApartFromDefects() {
        assertThatThrownBy(() -> {
                    throw Fault.from(new java.util.concurrent.TimeoutException());
                })
                .isInstanceOfSatisfying(Fault.class, f -> assertThat(f.code()).isEqualTo(FaultCode.TIMEOUT));
    }

    private CallContext within(long millis) {
        return new CallContext("test", null, Deadline.after(ticker.nanos(), Duration.ofMillis(millis)));
    }

    private static Fault faultOf(Future<?> call) throws Exception {
        try {
            get(call);
        } catch (ExecutionException e) {
            return (Fault) e.getCause();
        }
        throw new AssertionError("the call should have failed");
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
    }
}
