package dev.penstock.gateway.guard;

import dev.penstock.common.bus.CallContext;
import dev.penstock.common.contract.SecurityContract;
import dev.penstock.common.contract.SecurityContract.Kind;
import dev.penstock.common.contract.SecurityContract.SecurityEvent;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.common.telemetry.Telemetry;
import dev.penstock.common.telemetry.Telemetry.Counter;
import dev.penstock.gateway.audit.Audit;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts, logs, audits and tells what the guard does. All is counted; at most {@value #PER_SECOND} a second are told one
 * by one, blocks aside, so that an attack does not become a flood of messages. Safe for many threads.
 */
final class GuardTrail {
    private static final Logger log = LoggerFactory.getLogger(GuardTrail.class);
    private static final int PER_SECOND = 50;
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final Duration BUDGET = Duration.ofSeconds(5);

    private final ServiceContext context;
    private final Audit audit;
    private final Clock clock;
    private final Map<String, Counter> refusals = new ConcurrentHashMap<>();
    private final Map<Integer, Counter> invalid = new ConcurrentHashMap<>();
    private final Map<String, Counter> rules = new ConcurrentHashMap<>();
    private final Map<String, Counter> blocked = new ConcurrentHashMap<>();
    private final Counter untold;
    private final AtomicLong second = new AtomicLong();
    private final AtomicLong told = new AtomicLong();
    private volatile Consumer<SecurityEvent> unheard = event -> {};

    GuardTrail(ServiceContext context, Audit audit, Clock clock) {
        this.context = context;
        this.audit = audit;
        this.clock = clock;
        this.untold = context.telemetry()
                .counter(
                        "penstock_guard_events_untold_total",
                        "Security events that were counted and not told one by one.");
    }

    Telemetry telemetry() {
        return context.telemetry();
    }

    /** @param reason of a small fixed set */
    void refused(String reason) {
        refusals.computeIfAbsent(
                        reason,
                        name -> context.telemetry()
                                .counter(
                                        "penstock_guard_refusals_total",
                                        "Requests and connections that the guard refused, by reason.",
                                        "reason",
                                        name))
                .increment();
    }

    /** @param status of a small fixed set */
    void invalid(int status) {
        invalid.computeIfAbsent(
                        status,
                        value -> context.telemetry()
                                .counter(
                                        "penstock_validation_rejects_total",
                                        "Requests refused for their form, by the status they got.",
                                        "status",
                                        Integer.toString(value)))
                .increment();
    }

    void matched(String type, boolean refused) {
        rules.computeIfAbsent(
                        type + '/' + refused,
                        key -> context.telemetry()
                                .counter(
                                        "penstock_rule_hits_total",
                                        "Requests that a rule against injection or traversal matched.",
                                        "class",
                                        type,
                                        "action",
                                        refused ? "block" : "log"))
                .increment();
    }

    void blocked(String reason) {
        blocked.computeIfAbsent(
                        reason,
                        name -> context.telemetry()
                                .counter(
                                        "penstock_address_blocks_total",
                                        "Blocks of addresses that began, by reason.",
                                        "reason",
                                        name))
                .increment();
    }

    /** Something that was refused or seen; may be left out when there is too much of it. */
    void tell(Kind kind, String subject, String address, String correlationId, String target, String detail) {
        if (mayTell()) {
            act(kind, subject, address, correlationId, target, false, detail);
        } else {
            untold.increment();
            unheard.accept(new SecurityEvent(kind, clock.instant(), subject, address, correlationId, detail));
        }
    }

    /** Who counts here what is not told to all. Set once, before the first request. */
    void unheard(Consumer<SecurityEvent> listener) {
        unheard = listener;
    }

    /** Something that is always told. */
    void act(
            Kind kind,
            String actor,
            String address,
            String correlationId,
            String target,
            boolean allowed,
            String detail) {
        CallContext call = CallContext.internal(correlationId, context.ticker().nanos(), BUDGET);
        context.bus()
                .publish(
                        SecurityContract.EVENTS,
                        new SecurityEvent(kind, clock.instant(), actor, address, correlationId, detail),
                        call);
        log.warn("security: {} by {} from {} ({}): {}", kind, actor, address, correlationId, detail);
        audit.record(new Audit.Act(kind, actor, address, correlationId, target, allowed, detail))
                .onFailure(cause -> log.error("an act could not be recorded: {}", kind, cause));
    }

    private boolean mayTell() {
        long now = context.ticker().nanos() / SECOND_NANOS;
        long seen = second.get();
        if (seen != now && second.compareAndSet(seen, now)) {
            told.set(0);
        }
        return told.incrementAndGet() <= PER_SECOND;
    }
}
