package dev.penstock.monitor;

import dev.penstock.common.bus.CallContext;
import dev.penstock.common.config.SloConfig;
import dev.penstock.common.contract.AlertContract;
import dev.penstock.common.contract.AlertContract.Condition;
import dev.penstock.common.contract.AlertContract.Severity;
import dev.penstock.common.contract.MonitorContract;
import dev.penstock.common.contract.MonitorContract.ClusterHealth;
import dev.penstock.common.contract.MonitorContract.History;
import dev.penstock.common.contract.MonitorContract.Live;
import dev.penstock.common.contract.MonitorContract.Metrics;
import dev.penstock.common.contract.MonitorContract.Point;
import dev.penstock.common.contract.MonitorContract.ReadHealth;
import dev.penstock.common.contract.MonitorContract.ReadHistory;
import dev.penstock.common.contract.MonitorContract.ReadMetrics;
import dev.penstock.common.contract.MonitorContract.Samples;
import dev.penstock.common.contract.MonitorContract.ServiceHealth;
import dev.penstock.common.contract.MonitorContract.SloState;
import dev.penstock.common.contract.MonitorContract.Status;
import dev.penstock.common.service.Role;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.common.telemetry.Telemetry;
import dev.penstock.monitor.policy.AvailabilitySlo;
import dev.penstock.monitor.policy.AvailabilitySlo.Ratio;
import dev.penstock.monitor.policy.ClusterJudge;
import dev.penstock.monitor.policy.ClusterJudge.Part;
import dev.penstock.monitor.policy.Figures;
import dev.penstock.monitor.policy.Slot;
import dev.penstock.monitor.policy.SlotWindow;
import dev.penstock.monitor.store.RedisSeries;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes samples, answers questions about them, and once a second looks at the whole. Belongs to one event loop. */
final class Observatory {
    private static final Logger log = LoggerFactory.getLogger(Observatory.class);
    private static final Duration HORIZON = Duration.ofMinutes(16);
    private static final Duration LIVE_WINDOW = Duration.ofSeconds(10);
    private static final Duration LONGEST_WINDOW = Duration.ofMinutes(15);
    private static final Duration OWN_BUDGET = Duration.ofSeconds(4);
    private static final long LIVE_MILLIS = 1_000;
    private static final long MINUTE_MILLIS = 60_000;

    private final ServiceContext services;
    private final InstantSource clock = InstantSource.system();
    private final SlotWindow window;
    private final RedisSeries series;
    private final AvailabilitySlo slo;
    private final Differences differences;
    private final Telemetry.Counter conditionsUnsent;
    private final Telemetry.Counter slotsRefused;
    private final Telemetry.Counter slotsUnstored;
    private long storedUpTo;
    private boolean restored;
    private boolean alertsTaken = true;

    Observatory(ServiceContext services) {
        this.services = services;
        this.window = new SlotWindow((int) services.config().telemetry().slot().toMillis(), HORIZON.toMillis());
        this.series = new RedisSeries(services.redis());
        this.slo = new AvailabilitySlo(services.config().slo());
        this.differences = new Differences(services, window, clock);
        Telemetry telemetry = services.telemetry();
        this.conditionsUnsent = telemetry.counter(
                "penstock_monitor_conditions_unsent_total",
                "Conditions that the alert service did not take; they are sent again");
        this.slotsRefused = telemetry.counter(
                "penstock_monitor_slots_refused_total", "Slots that were repeated, too late or from the future");
        this.slotsUnstored = telemetry.counter(
                "penstock_monitor_slots_unstored_total", "Slots that Redis did not take; memory has them");
        telemetry.gauge(
                "penstock_monitor_slots_lost", "Slots that processes numbered and that never came", window::lostSlots);
    }

    void open() {
        services.vertx().setPeriodic(LIVE_MILLIS, id -> look());
        services.vertx().setPeriodic(window.widthMillis(), id -> evaluate());
    }

    /** Another objective from now on. */
    void follow(SloConfig next) {
        slo.config(next);
    }

    void take(Samples samples) {
        if (!window.add(samples, clock.millis())) {
            slotsRefused.increment();
        }
    }

    Future<Metrics> metrics(ReadMetrics request, CallContext call) {
        return Future.succeededFuture(metrics(bounded(request.window())));
    }

    Future<ClusterHealth> health(ReadHealth request, CallContext call) {
        return Future.succeededFuture(judge());
    }

    Future<History> history(ReadHistory request, CallContext call) {
        List<Point> points = new ArrayList<>();
        for (Slot slot : window.last(bounded(request.span()).toMillis(), clock.millis())) {
            points.add(new Figures(List.of(slot), window.widthMillis() / 1000.0).point(slot.startMillis()));
        }
        return Future.succeededFuture(new History(points));
    }

    private boolean evaluator() {
        return services.membership()
                .owner(Role.MONITOR, MonitorService.EVALUATOR)
                .map(member -> member.equals(services.membership().self()))
                .orElse(true);
    }

    private void look() {
        restore();
        differences.look();
        if (evaluator()) {
            Live live = new Live(clock.millis(), judge(), metrics(LIVE_WINDOW));
            services.bus().publish(MonitorContract.LIVE, live, own("live"));
        }
    }

    /** Reads back what was stored before this process started, once Redis can be read. */
    private void restore() {
        if (restored || !series.available()) {
            return;
        }
        restored = true;
        long width = window.widthMillis();
        long newest = clock.millis() - Math.floorMod(clock.millis(), width);
        List<Long> starts = new ArrayList<>();
        for (long start = newest - LONGEST_WINDOW.toMillis(); start < newest; start += width) {
            starts.add(start);
        }
        series.readSlots(starts)
                .onSuccess(slots -> slots.forEach(window::restore))
                .onFailure(e -> {
                    restored = false;
                    log.debug("stored slots could not be read, it is tried again", e);
                });
    }

    private void evaluate() {
        SloState state = judgeSlo();
        if (!evaluator()) {
            return;
        }
        store();
        differences.tell(own("configuration"));
        services.bus()
                .callAny(AlertContract.OBSERVE, condition(state), own("slo"))
                .onSuccess(taken -> alertsTaken(true, "taken"))
                .onFailure(e -> {
                    conditionsUnsent.increment();
                    alertsTaken(false, e.toString());
                });
    }

    /** Says once that the alert service went or came: conditions are repeated, the log line is not. */
    private void alertsTaken(boolean taken, String why) {
        if (taken == alertsTaken) {
            return;
        }
        alertsTaken = taken;
        if (taken) {
            log.info("the alert service takes conditions");
        } else {
            log.warn("the alert service does not take conditions, they are sent again while they last: {}", why);
        }
    }

    private SloState judgeSlo() {
        var config = services.config().slo();
        return slo.judge(Ratio.of(slots(config.longWindow())), Ratio.of(slots(config.shortWindow())));
    }

    private Condition condition(SloState state) {
        var config = services.config().slo();
        Ratio recent = Ratio.of(slots(config.shortWindow()));
        double errors = recent.valid() == 0 ? 0 : (double) recent.bad() / recent.valid();
        return new Condition(
                "AvailabilityBurn",
                Map.of("service", "gateway", "slo", state.name(), "severity", "critical"),
                Severity.CRITICAL,
                state.breached(),
                errors,
                slo.threshold(),
                Duration.ZERO,
                "Requests fail faster than the availability objective allows",
                String.format(
                        Locale.ROOT,
                        "%d of %d requests failed in the last %d s (%.1f %%; the objective of %s %% allows a burn of %d, which is"
                                + " %.1f %%).",
                        recent.bad(),
                        recent.valid(),
                        config.shortWindow().toSeconds(),
                        errors * 100,
                        config.availability(),
                        config.burn(),
                        slo.threshold() * 100),
                "See which route fails: GET /api/performance/metrics. See which instance is cut off: GET /api/batching/pools."
                        + " Search the log for level ERROR and the correlation id of a failed request.",
                clock.instant());
    }

    /** Writes every complete slot once, and each minute when it is over. */
    private void store() {
        if (!series.available()) {
            return;
        }
        long width = window.widthMillis();
        long complete = clock.millis() - Math.floorMod(clock.millis(), width) - width;
        for (Slot slot : window.all()) {
            if (slot.startMillis() > storedUpTo && slot.startMillis() < complete) {
                series.writeSlot(slot).onFailure(e -> slotsUnstored.increment());
                storeMinuteBefore(slot);
                storedUpTo = slot.startMillis();
            }
        }
    }

    private void storeMinuteBefore(Slot slot) {
        if (Math.floorMod(slot.startMillis(), MINUTE_MILLIS) != 0) {
            return;
        }
        Slot minute = new Slot(slot.startMillis() - MINUTE_MILLIS);
        for (Slot part : window.all()) {
            if (part.startMillis() >= minute.startMillis() && part.startMillis() < slot.startMillis()) {
                minute.add(part);
            }
        }
        series.writeMinute(minute).onFailure(e -> slotsUnstored.increment());
    }

    private Metrics metrics(Duration span) {
        Figures figures = new Figures(slots(span), Math.max(1, span.toMillis() / 1000.0));
        return new Metrics(
                span,
                window.coverage(span.toMillis(), clock.millis()),
                figures.total(),
                figures.byRoute(),
                figures.inFlight(),
                figures.cache(),
                figures.batching(),
                List.of(judgeSlo()));
    }

    private ClusterHealth judge() {
        List<Part> parts = new ArrayList<>();
        for (Role role : Role.values()) {
            List<ServiceHealth> members = services.membership().live(role).stream()
                    .map(member -> health(role, member))
                    .toList();
            parts.add(new Part(role, members));
        }
        return ClusterJudge.judge(parts, differences.told());
    }

    private ServiceHealth health(Role role, String member) {
        long silent = window.silentFor(member, clock.millis());
        boolean starting = silent == Long.MAX_VALUE;
        return window.newest(member)
                .filter(samples -> silent <= ClusterJudge.SILENT_MILLIS)
                .map(samples -> new ServiceHealth(
                        role.label(),
                        member,
                        samples.health().status(),
                        silent,
                        samples.health().checks()))
                .orElseGet(() ->
                        new ServiceHealth(role.label(), member, Status.UNKNOWN, starting ? 0 : silent, List.of()));
    }

    private Collection<Slot> slots(Duration span) {
        return window.last(span.toMillis(), clock.millis());
    }

    private static Duration bounded(Duration asked) {
        Duration least = asked.compareTo(Duration.ofSeconds(5)) < 0 ? Duration.ofSeconds(5) : asked;
        return least.compareTo(LONGEST_WINDOW) > 0 ? LONGEST_WINDOW : least;
    }

    private CallContext own(String purpose) {
        return CallContext.internal(purpose, services.ticker().nanos(), OWN_BUDGET);
    }
}
