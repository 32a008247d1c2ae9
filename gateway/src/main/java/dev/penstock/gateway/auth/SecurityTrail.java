package dev.penstock.gateway.auth;

import dev.penstock.common.bus.Bus;
import dev.penstock.common.bus.CallContext;
import dev.penstock.common.bus.CallScope;
import dev.penstock.common.contract.SecurityContract;
import dev.penstock.common.contract.SecurityContract.Kind;
import dev.penstock.common.contract.SecurityContract.SecurityEvent;
import dev.penstock.common.telemetry.Telemetry;
import dev.penstock.common.time.Ticker;
import dev.penstock.gateway.audit.Audit;
import dev.penstock.gateway.http.ClientAddress;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts refusals and tells whoever watches. All are counted; at most {@value #PER_SECOND} a second are told one by one,
 * so that a flood of bad keys does not become a flood of messages. Safe for use by many threads.
 */
public final class SecurityTrail {
    private static final Logger log = LoggerFactory.getLogger(SecurityTrail.class);
    private static final int PER_SECOND = 50;
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final Bus bus;
    private final Audit audit;
    private final Telemetry telemetry;
    private final Ticker ticker;
    private final Clock clock;
    private final Map<String, Telemetry.Counter> failures = new ConcurrentHashMap<>();
    private final AtomicLong second = new AtomicLong();
    private final AtomicLong told = new AtomicLong();
    private volatile Consumer<SecurityEvent> untold = event -> {};

    SecurityTrail(Bus bus, Audit audit, Telemetry telemetry, Ticker ticker, Clock clock) {
        this.bus = bus;
        this.audit = audit;
        this.telemetry = telemetry;
        this.ticker = ticker;
        this.clock = clock;
    }

    /** Who counts here what is not told to all. Set once, before the first request. */
    public void untold(Consumer<SecurityEvent> listener) {
        untold = listener;
    }

    /** A credential that was refused; the reason is one of a small fixed set, since it becomes a label. */
    void failed(HttpServerRequest request, String reason) {
        failures.computeIfAbsent(
                        reason,
                        name -> telemetry.counter(
                                "penstock_auth_failures_total", "Refused credentials by reason.", "reason", name))
                .increment();
        // Every visit of somebody who has not signed in yet starts without a credential: counted, not told.
        if (!reason.equals("missing")) {
            tell(Kind.AUTHENTICATION_FAILED, "anonymous", request, reason);
        }
    }

    /** Somebody known asked for what the role does not allow. */
    public void denied(HttpServerRequest request, Principal principal, String operation) {
        tell(Kind.ACCESS_DENIED, principal.keyId(), request, operation);
    }

    /**
     * Something that was done; never dropped.
     *
     * @param target the id or name of what it was done to
     * @param detail one line for people, without secrets
     * @return complete once it is on record; never fails
     */
    Future<Void> done(Kind kind, Caller by, String target, String detail) {
        return record(kind, by, target, true, detail);
    }

    /** Something that was refused where it was tried to do, such as a login; never dropped. */
    Future<Void> refused(Kind kind, Caller by, String target, String detail) {
        return record(kind, by, target, false, detail);
    }

    private Future<Void> record(Kind kind, Caller by, String target, boolean allowed, String detail) {
        CallContext call = by.call();
        bus.publish(
                SecurityContract.EVENTS,
                new SecurityEvent(
                        kind, clock.instant(), by.id(), by.address(), call.correlationId(), target + ": " + detail),
                call);
        return audit.record(new Audit.Act(kind, by.id(), by.address(), call.correlationId(), target, allowed, detail));
    }

    private void tell(Kind kind, String subject, HttpServerRequest request, String detail) {
        @Nullable CallContext scope = CallScope.current();
        CallContext call =
                scope == null ? CallContext.internal("security", ticker.nanos(), Duration.ofSeconds(5)) : scope;
        String address = ClientAddress.of(request);
        audit.record(new Audit.Act(kind, subject, address, call.correlationId(), "", false, detail))
                .onFailure(lost -> log.error("a refusal is missing in the audit trail", lost));
        var event = new SecurityEvent(kind, clock.instant(), subject, address, call.correlationId(), detail);
        if (!mayTell()) {
            untold.accept(event);
            return;
        }
        bus.publish(SecurityContract.EVENTS, event, call);
    }

    private boolean mayTell() {
        long now = ticker.nanos() / SECOND_NANOS;
        long seen = second.get();
        if (seen != now && second.compareAndSet(seen, now)) {
            told.set(0);
        }
        return told.incrementAndGet() <= PER_SECOND;
    }
}
