package dev.penstock.monitor;

import dev.penstock.common.bus.CallContext;
import dev.penstock.common.contract.AlertContract;
import dev.penstock.common.contract.SecurityContract.SecurityEvent;
import dev.penstock.common.service.Role;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.common.telemetry.Telemetry;
import dev.penstock.monitor.policy.SecurityConditions;
import java.time.Duration;
import java.time.InstantSource;

/**
 * Hears security events and tells the alert service, at once for the first of a kind and then every round while it lasts.
 * Every monitor hears and remembers, the evaluator alone tells. Belongs to one event loop.
 */
final class SecurityWatch {
    private static final long ROUND_MILLIS = 5_000;
    private static final Duration BUDGET = Duration.ofSeconds(4);

    private final ServiceContext services;
    private final InstantSource clock = InstantSource.system();
    private final SecurityConditions conditions = new SecurityConditions();
    private final Telemetry.Counter unsent;

    SecurityWatch(ServiceContext services) {
        this.services = services;
        this.unsent = services.telemetry()
                .counter(
                        "penstock_monitor_security_conditions_unsent_total",
                        "Security conditions that the alert service did not take; they are sent again");
    }

    void open() {
        services.vertx().setPeriodic(ROUND_MILLIS, id -> tell());
    }

    void heard(SecurityEvent event) {
        boolean news = conditions.news(event);
        conditions.add(event);
        if (news) {
            tell();
        }
    }

    private void tell() {
        boolean evaluator = services.membership()
                .owner(Role.MONITOR, MonitorService.EVALUATOR)
                .map(member -> member.equals(services.membership().self()))
                .orElse(true);
        var now = conditions.at(clock.instant());
        if (evaluator) {
            now.forEach(condition -> services.bus()
                    .callAny(
                            AlertContract.OBSERVE,
                            condition,
                            CallContext.internal("security", services.ticker().nanos(), BUDGET))
                    .onFailure(cause -> unsent.increment()));
        }
    }
}
