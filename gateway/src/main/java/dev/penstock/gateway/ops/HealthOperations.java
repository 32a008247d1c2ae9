package dev.penstock.gateway.ops;

import dev.penstock.common.bus.CallContext;
import dev.penstock.common.contract.MonitorContract;
import dev.penstock.common.contract.MonitorContract.ClusterHealth;
import dev.penstock.common.contract.MonitorContract.ProcessHealth;
import dev.penstock.common.contract.MonitorContract.ReadHealth;
import dev.penstock.common.contract.MonitorContract.ReadMetrics;
import dev.penstock.common.contract.MonitorContract.ServiceHealth;
import dev.penstock.common.contract.MonitorContract.Status;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.service.Role;
import dev.penstock.common.service.ServiceContext;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Health and figures of the whole system, from monitor-service; without it, what this process knows itself. */
final class HealthOperations {
    private static final Duration HEALTH_BUDGET = Duration.ofMillis(500);
    private static final Duration DEFAULT_WINDOW = Duration.ofSeconds(60);
    private static final Duration LONGEST_WINDOW = Duration.ofHours(24);
    private static final Pattern WINDOW = Pattern.compile("(\\d{1,6})(s|m|h)");
    private static final Answer ALIVE = Answer.json(new JsonObject().put("status", "ok"));

    private final ServiceContext context;

    HealthOperations(ServiceContext context) {
        this.context = context;
    }

    void register(Map<Operations, OperationHandler> handlers) {
        handlers.put(Operations.HEALTH_SIMPLE, call -> Future.succeededFuture(ALIVE));
        handlers.put(Operations.HEALTH, this::health);
        handlers.put(Operations.PERFORMANCE_HEALTH, this::health);
        handlers.put(Operations.METRICS, this::metrics);
    }

    private Future<Answer> health(OpsCall call) {
        CallContext brief = call.context().within(context.ticker().nanos(), HEALTH_BUDGET);
        return context.bus()
                .callAny(MonitorContract.HEALTH, new ReadHealth(), brief)
                .map(this::withAbsent)
                .otherwise(absent -> alone())
                .map(health ->
                        Answer.json(health.status() == Status.UNHEALTHY ? 503 : 200, MonitorJson.health(health)));
    }

    /** A role that nobody plays may be unknown to the monitor: every service is listed. */
    private ClusterHealth withAbsent(ClusterHealth health) {
        List<ServiceHealth> services = new ArrayList<>(health.services());
        for (Role role : Role.values()) {
            boolean listed =
                    services.stream().anyMatch(service -> service.service().equals(role.label()));
            if (!listed) {
                boolean live = !context.membership().live(role).isEmpty();
                services.add(new ServiceHealth(
                        role.label(),
                        live ? "unheard" : "none",
                        live ? Status.UNKNOWN : Status.UNHEALTHY,
                        0,
                        List.of()));
            }
        }
        return new ClusterHealth(health.status(), health.reasons(), services);
    }

    private ClusterHealth alone() {
        ProcessHealth own = context.health().report();
        List<String> reasons = new ArrayList<>();
        reasons.add("monitor absent");
        own.checks().stream()
                .filter(check -> check.status() != Status.HEALTHY)
                .forEach(check -> reasons.add(check.name() + " " + Labels.of(check.status())));
        String self = context.membership().self();
        List<ServiceHealth> services = new ArrayList<>();
        services.add(new ServiceHealth(Role.GATEWAY.label(), self, own.status(), 0, own.checks()));
        for (Role role : Role.values()) {
            if (role != Role.GATEWAY) {
                services.addAll(unheard(role));
            }
        }
        Status status = own.status() == Status.UNHEALTHY ? Status.UNHEALTHY : Status.DEGRADED;
        return new ClusterHealth(status, reasons, services);
    }

    private List<ServiceHealth> unheard(Role role) {
        List<String> live = context.membership().live(role);
        return live.isEmpty()
                ? List.of(new ServiceHealth(role.label(), "none", Status.UNHEALTHY, 0, List.of()))
                : live.stream()
                        .map(member -> new ServiceHealth(role.label(), member, Status.UNKNOWN, 0, List.of()))
                        .toList();
    }

    private Future<Answer> metrics(OpsCall call) {
        Duration window = window(call.query("window"));
        return context.bus()
                .callAny(MonitorContract.METRICS, new ReadMetrics(window), call.context())
                .map(metrics -> Answer.json(MonitorJson.metrics(metrics)));
    }

    private static Duration window(@Nullable String text) {
        if (text == null) {
            return DEFAULT_WINDOW;
        }
        Matcher matcher = WINDOW.matcher(text);
        Duration window = matcher.matches()
                ? switch (matcher.group(2)) {
                    case "s" -> Duration.ofSeconds(Long.parseLong(matcher.group(1)));
                    case "m" -> Duration.ofMinutes(Long.parseLong(matcher.group(1)));
                    default -> Duration.ofHours(Long.parseLong(matcher.group(1)));
                }
                : Duration.ZERO;
        if (window.isZero() || window.compareTo(LONGEST_WINDOW) > 0) {
            throw Fault.invalid("window", "'window' must be between 1s and 24h, such as 60s, 15m or 1h.");
        }
        return window;
    }
}
