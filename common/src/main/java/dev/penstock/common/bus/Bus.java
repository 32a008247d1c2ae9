package dev.penstock.common.bus;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.common.cluster.Membership;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.time.Deadline;
import dev.penstock.common.time.Ticker;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import java.time.Duration;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only way to the event bus. Every call is typed, has a deadline, carries correlation and trace, fails at once when
 * the called member leaves, and is answered on every path. At level debug each hop leaves a line with the request's id.
 *
 * <p>Safe for use from any thread; handlers run on the context that registered them.
 */
public final class Bus {
    private static final Logger log = LoggerFactory.getLogger(Bus.class);
    private static final String CORRELATION = "c";
    private static final String TRACE = "t";
    private static final String BUDGET_MICROS = "b";
    /** For messages without a budget of their own, which only a foreign sender could make. */
    private static final Duration UNSTATED_BUDGET = Duration.ofSeconds(30);

    private final EventBus events;
    private final Membership membership;
    private final Ticker ticker;
    private final boolean clustered;
    private final PendingCalls pending;

    public Bus(Vertx vertx, Membership membership, Ticker ticker) {
        this.events = vertx.eventBus();
        this.membership = membership;
        this.ticker = ticker;
        this.clustered = vertx.isClustered();
        this.pending = new PendingCalls(membership::present);
        registerCodecs(events);
        membership.onLeave(gone -> gone.forEach(pending::failAll));
    }

    /** Calls one member. The budget is what the context has left, at most the endpoint's own timeout. */
    public <Q, R> Future<R> call(Endpoint<Q, R> endpoint, String member, Q request, CallContext context) {
        long left = context.deadline().remainingNanos(ticker.nanos());
        if (left <= 0) {
            return Future.failedFuture(timeout(endpoint));
        }
        long allowed = Math.min(left, endpoint.timeout().toNanos());
        DeliveryOptions options = options(context, allowed).setSendTimeout(Math.max(1, allowed / 1_000_000));
        Future<R> reply = events.<Object>request(endpoint.at(member), request, options)
                .transform(result -> result.succeeded()
                        ? unwrap(endpoint, result.result().body())
                        : Future.failedFuture(translate(endpoint, result.cause())));
        return clustered && !member.equals(membership.self()) ? pending.track(member, reply) : reply;
    }

    /** Calls the member that owns {@code hash}; refused at once while nobody serves the role. */
    public <Q, R> Future<R> callOwner(Endpoint<Q, R> endpoint, long hash, Q request, CallContext context) {
        return membership
                .owner(endpoint.role(), hash)
                .map(member -> call(endpoint, member, request, context))
                .orElseGet(() -> nobody(endpoint));
    }

    /** Calls the member that owns {@code name}. */
    public <Q, R> Future<R> callOwner(Endpoint<Q, R> endpoint, String name, Q request, CallContext context) {
        return membership
                .owner(endpoint.role(), name)
                .map(member -> call(endpoint, member, request, context))
                .orElseGet(() -> nobody(endpoint));
    }

    /** Calls this member if it serves the role, else any that does. */
    public <Q, R> Future<R> callAny(Endpoint<Q, R> endpoint, Q request, CallContext context) {
        var live = membership.live(endpoint.role());
        if (live.isEmpty()) {
            return nobody(endpoint);
        }
        String member = live.contains(membership.self())
                ? membership.self()
                : live.get(Math.floorMod(ticker.nanos() >>> 4, live.size()));
        return call(endpoint, member, request, context);
    }

    /**
     * Serves an endpoint on this member. The handler may throw or fail: the caller is answered all the same.
     *
     * @return completed when the address is known to the cluster
     */
    public <Q, R> Future<Void> serve(Endpoint<Q, R> endpoint, BiFunction<Q, CallContext, Future<R>> handler) {
        return consume(endpoint.at(membership.self()), message -> {
            CallContext context = context(message.headers());
            CallScope.enter(context);
            log.debug("serving {}", endpoint.address());
            guarded(() -> handler.apply(endpoint.request().cast(message.body()), context))
                    .onComplete(result -> reply(endpoint.address(), message, result.result(), result.cause()));
        });
    }

    /** Tells everybody who listens, best effort. */
    public <E> void publish(Topic<E> topic, E event, CallContext context) {
        events.publish(topic.address(), event, options(context, UNSTATED_BUDGET.toNanos()));
    }

    /** Listens to a topic; what the handler throws is logged. */
    public <E> Future<Void> subscribe(Topic<E> topic, Consumer<E> handler) {
        return consume(topic.address(), message -> {
            CallScope.enter(context(message.headers()));
            log.debug("hearing {}", topic.address());
            handler.accept(topic.event().cast(message.body()));
        });
    }

    private Future<Void> consume(String address, Consumer<Message<Object>> handler) {
        MessageConsumer<Object> consumer = clustered ? events.consumer(address) : events.localConsumer(address);
        consumer.handler(message -> {
            try {
                handler.accept(message);
            } catch (RuntimeException e) {
                log.error("handler of {} failed", address, e);
                if (message.replyAddress() != null) {
                    message.reply(FaultReply.of(e));
                }
            }
        });
        return consumer.completion();
    }

    private static <R> Future<R> guarded(java.util.function.Supplier<Future<R>> work) {
        try {
            return work.get();
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }

    private static void reply(
            String address, Message<Object> message, @Nullable Object result, @Nullable Throwable cause) {
        if (cause == null) {
            try {
                message.reply(result);
            } catch (RuntimeException e) {
                log.error("the answer of {} cannot be sent", address, e);
                message.reply(FaultReply.of(e));
            }
            return;
        }
        if (!(cause instanceof Fault)) {
            log.error("{} failed", address, cause);
        }
        message.reply(FaultReply.of(cause));
    }

    private static <Q, R> Future<R> unwrap(Endpoint<Q, R> endpoint, Object body) {
        return body instanceof FaultReply fault
                ? Future.failedFuture(fault.toFault())
                : Future.succeededFuture(endpoint.reply().cast(body));
    }

    private static <Q, R> Fault translate(Endpoint<Q, R> endpoint, Throwable cause) {
        if (cause instanceof ReplyException failure) {
            return failure.failureType() == ReplyFailure.TIMEOUT
                    ? timeout(endpoint)
                    : Fault.of(
                            FaultCode.UNAVAILABLE,
                            endpoint.role().label() + " cannot be reached (" + endpoint.address() + ").");
        }
        if (cause instanceof Fault fault) {
            return fault;
        }
        log.error("call of {} failed", endpoint.address(), cause);
        return Fault.from(cause);
    }

    private static <Q, R> Fault timeout(Endpoint<Q, R> endpoint) {
        return Fault.of(
                FaultCode.TIMEOUT, endpoint.role().label() + " did not answer in time (" + endpoint.address() + ").");
    }

    private static <Q, R> Future<R> nobody(Endpoint<Q, R> endpoint) {
        return Future.failedFuture(Fault.retryLater(
                FaultCode.UNAVAILABLE,
                "No " + endpoint.role().label() + " service is up; one is expected back within seconds.",
                Duration.ofSeconds(1)));
    }

    private DeliveryOptions options(CallContext context, long budgetNanos) {
        DeliveryOptions options = new DeliveryOptions()
                .setLocalOnly(!clustered)
                .addHeader(CORRELATION, context.correlationId())
                .addHeader(BUDGET_MICROS, Long.toString(budgetNanos / 1_000));
        return context.traceparent() == null ? options : options.addHeader(TRACE, context.traceparent());
    }

    private CallContext context(MultiMap headers) {
        String correlation = headers.get(CORRELATION);
        String budget = headers.get(BUDGET_MICROS);
        Duration left = budget == null ? UNSTATED_BUDGET : Duration.ofNanos(Long.parseLong(budget) * 1_000);
        return new CallContext(
                correlation == null ? "unknown" : correlation,
                headers.get(TRACE),
                Deadline.after(ticker.nanos(), left));
    }

    private static void registerCodecs(EventBus events) {
        ObjectMapper mapper = WireMapper.create();
        for (Class<?> type : ContractTypes.all()) {
            register(events, type, mapper);
        }
    }

    private static <T> void register(EventBus events, Class<T> type, ObjectMapper mapper) {
        events.registerDefaultCodec(type, new RecordCodec<>(type, mapper));
    }
}
