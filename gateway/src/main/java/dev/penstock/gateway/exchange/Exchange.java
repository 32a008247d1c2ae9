package dev.penstock.gateway.exchange;

import dev.penstock.common.bus.CallContext;
import dev.penstock.common.config.ModelConfig;
import dev.penstock.common.contract.CacheContract.Entry;
import dev.penstock.common.contract.Priority;
import dev.penstock.common.contract.Usage;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.gateway.auth.Principal;
import dev.penstock.gateway.policy.OperationClass;
import dev.penstock.gateway.policy.WindowSet.Decision;
import dev.penstock.gateway.route.policy.RouteTarget;
import dev.penstock.gateway.wire.EmbeddingsRequest;
import dev.penstock.gateway.wire.ModelRequest;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request on its way. Each stage sets what it learned; a getter may be called once the stage that sets it was
 * passed. Confined to the request's event loop.
 */
public final class Exchange {
    /** What {@code X-Penstock-Cache} asks for. */
    public enum CacheMode {
        USE,
        OFF,
        REFRESH
    }

    private static final Logger log = LoggerFactory.getLogger(Exchange.class);

    private final HttpServerRequest request;
    private final BiConsumer<Exchange, Step> driver;
    private final Timings timings;
    private final Work work = new Work();
    private final List<Runnable> hangUp = new ArrayList<>(0);
    private int stage;
    private Route route = Route.UNKNOWN;
    private Priority priority = Priority.NORMAL;
    private CacheMode cacheMode = CacheMode.USE;
    private List<Slot> slots = List.of();
    /** Index into the slots for each input; null where it is the identity. */
    private int @Nullable [] slotOfInput;

    private long nearEpoch;
    private boolean retried;
    private List<Reservation> reservations = List.of();
    private List<String> tags = List.of();
    private @Nullable CallContext call;
    private @Nullable BodyIntake body;
    private @Nullable Principal principal;
    private @Nullable Decision limit;
    private @Nullable Decision tokenLimit;
    private @Nullable ModelConfig model;
    private @Nullable RouteTarget upstream;
    private @Nullable EmbeddingsRequest embeddings;
    private @Nullable ModelRequest asked;
    private @Nullable Once once;
    private @Nullable Entry replayed;
    private @Nullable Answer answer;
    private @Nullable Fault fault;

    /** @param driver what {@link #resume} hands the exchange back to */
    public Exchange(HttpServerRequest request, long nowNanos, BiConsumer<Exchange, Step> driver) {
        this.request = request;
        this.driver = driver;
        this.timings = new Timings(nowNanos);
    }

    public HttpServerRequest request() {
        return request;
    }

    public Timings timings() {
        return timings;
    }

    public Work work() {
        return work;
    }

    /** Index of the stage that comes next; the pipeline's own. */
    public int stage() {
        return stage;
    }

    public void stage(int next) {
        stage = next;
    }

    /** Goes on after a stage answered {@link Step#LATER}. */
    public void resume(Step step) {
        driver.accept(this, step);
    }

    /**
     * Goes on from a callback, where nobody above would catch: what {@code next} throws becomes the answer, so that no
     * request is left without one.
     */
    public void resume(Supplier<Step> next) {
        Step step;
        try {
            step = next.get();
        } catch (RuntimeException e) {
            step = defect(e);
        }
        resume(step);
    }

    /** Ends the way with a fault that is a defect of ours, and says so in the log. */
    public Step defect(Throwable cause) {
        if (!(cause instanceof Fault)) {
            log.error("{} failed", label(), cause);
        }
        return refuse(Fault.from(cause));
    }

    /** Ends the way with a fault. */
    public Step refuse(Fault why) {
        fault = why;
        return Step.ANSWER;
    }

    /** Ends the way with an answer. */
    public Step answer(Answer given) {
        answer = given;
        return Step.ANSWER;
    }

    /** Runs {@code cancel} if the caller goes away before it has the answer; adds to what was asked for before. */
    public void onHangUp(Runnable cancel) {
        if (hangUp.isEmpty()) {
            request.response().closeHandler(closed -> hungUp());
            request.response().exceptionHandler(broken -> hungUp());
        }
        hangUp.add(cancel);
    }

    private void hungUp() {
        List<Runnable> once = List.copyOf(hangUp);
        hangUp.clear();
        once.forEach(Runnable::run);
    }

    /** The end of a request that nobody waits for any more. */
    public static Fault gone() {
        return Fault.of(FaultCode.CANCELLED, "The caller went away.");
    }

    /** A stream ended, after its first byte; with a fault where it broke off. */
    public void streamed(@Nullable Fault why) {
        fault = why;
        resume(Step.NEXT);
    }

    public @Nullable Fault fault() {
        return fault;
    }

    public @Nullable Answer answer() {
        return answer;
    }

    public CallContext call() {
        return Objects.requireNonNull(call, "not correlated yet");
    }

    public void call(CallContext made) {
        call = made;
    }

    /** Whether the exchange has an identity: false only for a failure in the first stage. */
    public boolean correlated() {
        return call != null;
    }

    public Route route() {
        return route;
    }

    public void route(Route found) {
        route = found;
    }

    /** It goes to a plain route; set before the first stage. */
    public void upstream(RouteTarget target) {
        route = Route.UPSTREAM;
        upstream = target;
    }

    /** The plain route that is called; null for the AI API. */
    public @Nullable RouteTarget upstream() {
        return upstream;
    }

    /** As in metrics and logs: a path of the AI API, or the name of a plain route. */
    public String label() {
        return upstream == null ? route.pattern() : upstream.route().name();
    }

    /** The name under which it is counted. */
    public String operation() {
        return upstream == null ? route.operation() : upstream.route().name();
    }

    /** Whose limits hold if it has none of its own. */
    public OperationClass operationClass() {
        return upstream == null ? route.operationClass() : upstream.route().limitClass();
    }

    /** Null for operations without a body. */
    public @Nullable BodyIntake body() {
        return body;
    }

    public void body(BodyIntake intake) {
        body = intake;
    }

    public Principal principal() {
        return Objects.requireNonNull(principal, "not authenticated yet");
    }

    /** Who calls, or null where that was never established. */
    public @Nullable Principal caller() {
        return principal;
    }

    public void principal(Principal who) {
        principal = who;
    }

    public Priority priority() {
        return priority;
    }

    public void priority(Priority allowed) {
        priority = allowed;
    }

    /** Null where nothing limits the caller. */
    public @Nullable Decision limit() {
        return limit;
    }

    public void limit(Decision decision) {
        limit = decision;
    }

    /** What the cost is counted under: the key's tags and the request's own. */
    public List<String> tags() {
        return tags;
    }

    public void tags(List<String> all) {
        tags = all;
    }

    /** The limit on tokens that binds; null where none was looked at. */
    public @Nullable Decision tokenLimit() {
        return tokenLimit;
    }

    public void tokenLimit(Decision decision) {
        tokenLimit = decision;
    }

    public CacheMode cacheMode() {
        return cacheMode;
    }

    public void cacheMode(CacheMode asked) {
        cacheMode = asked;
    }

    public ModelConfig model() {
        return Objects.requireNonNull(model, "not validated yet");
    }

    /** The model, or null where none was named. */
    public @Nullable ModelConfig namedModel() {
        return model;
    }

    public void model(ModelConfig named) {
        model = named;
    }

    public EmbeddingsRequest embeddings() {
        return Objects.requireNonNull(embeddings, "no embeddings request");
    }

    public void embeddings(EmbeddingsRequest parsed) {
        embeddings = parsed;
    }

    /** What one instance is to answer as a whole, such as a chat. */
    public ModelRequest asked() {
        return Objects.requireNonNull(asked, "no request of that kind");
    }

    public void asked(ModelRequest parsed) {
        asked = parsed;
    }

    /** What this request is the first to answer under its {@code Idempotency-Key}; null for all others. */
    public @Nullable Once once() {
        return once;
    }

    public void once(Once led) {
        once = led;
    }

    /** The kept answer that is given again; null where it is not one. */
    public @Nullable Entry replayed() {
        return replayed;
    }

    public void replayed(Entry kept) {
        replayed = kept;
    }

    /** The cacheable pieces; empty where nothing can be cached or shared. */
    public List<Slot> slots() {
        return slots;
    }

    /** @param ofInput the slot of each input, or null where the n-th input has the n-th slot */
    public void slots(List<Slot> pieces, int @Nullable [] ofInput) {
        slots = pieces;
        slotOfInput = ofInput;
    }

    /** The slot that answers the n-th input. */
    public Slot slotOf(int input) {
        return slots.get(slotOfInput == null ? input : slotOfInput[input]);
    }

    /** The near cache's epoch from before anything was looked up. */
    public long nearEpoch() {
        return nearEpoch;
    }

    public void nearEpoch(long epoch) {
        nearEpoch = epoch;
    }

    /** Something was set aside for this request; it is settled with it. */
    public void reserved(Reservation reservation) {
        if (reservations.isEmpty()) {
            reservations = new ArrayList<>(2);
        }
        reservations.add(reservation);
    }

    /** Replaces everything that was set aside by what was used; a second call finds nothing left to settle. */
    public void settleReservations(Usage used) {
        List<Reservation> held = reservations;
        reservations = List.of();
        for (Reservation reservation : held) {
            try {
                reservation.settle(used);
            } catch (RuntimeException e) {
                log.error("a reservation of {} is not settled", label(), e);
            }
        }
    }

    /** Whether this gateway tried again already: then the SDKs should not. */
    public boolean retried() {
        return retried;
    }

    public void retried(boolean value) {
        retried = value;
    }
}
