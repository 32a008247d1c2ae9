package dev.penstock.gateway.ops;

import dev.penstock.common.bus.CallContext;
import dev.penstock.common.contract.MonitorContract;
import dev.penstock.common.contract.MonitorContract.History;
import dev.penstock.common.contract.MonitorContract.Live;
import dev.penstock.common.contract.MonitorContract.ReadHistory;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.gateway.auth.Principal;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Passes the figures of the whole system on to the dashboards of this process: written once a second, sent to all. A
 * dashboard that does not keep up misses ticks. All state is on one context.
 */
final class MonitorHub {
    private static final Duration HISTORY_SPAN = Duration.ofMinutes(15);
    private static final Duration HISTORY_BUDGET = Duration.ofSeconds(2);
    private static final Duration CHECK_EVERY = Duration.ofSeconds(1);
    private static final Duration SILENCE = Duration.ofSeconds(4);
    private static final int KEY_CHECK_TICKS = 15;

    private final ServiceContext services;
    private final Predicate<Principal> stillIn;
    private final Clock clock;
    private final Context context;
    /** Open streams with the key that each belongs to. */
    private final Map<Feed, Principal> feeds = new LinkedHashMap<>();

    private final List<Long> timers = new ArrayList<>();
    private long lastTickNanos;
    private long lastAtMillis;
    private int ticks;

    MonitorHub(ServiceContext services, Predicate<Principal> stillIn, Clock clock) {
        this.services = services;
        this.stillIn = stillIn;
        this.clock = clock;
        this.context = services.vertx().getOrCreateContext();
        this.lastTickNanos = services.ticker().nanos() - SILENCE.toNanos();
    }

    Future<Void> start() {
        run(() -> timers.add(services.vertx().setPeriodic(CHECK_EVERY.toMillis(), id -> run(this::check))));
        return services.bus().subscribe(MonitorContract.LIVE, live -> run(() -> tick(live)));
    }

    void stop() {
        run(() -> {
            timers.forEach(services.vertx()::cancelTimer);
            feeds.keySet().forEach(feed -> feed.close(Outlet.GOING_AWAY, "this gateway stops"));
            feeds.clear();
        });
    }

    void run(Runnable work) {
        context.runOnContext(ignored -> work.run());
    }

    /** Sends the past, then every tick. */
    void join(Feed feed, Principal principal) {
        CallContext call =
                CallContext.internal("monitor-stream", services.ticker().nanos(), HISTORY_BUDGET);
        services.bus()
                .callAny(MonitorContract.HISTORY, new ReadHistory(HISTORY_SPAN), call)
                .otherwise(new History(List.of()))
                .onSuccess(history -> run(() -> {
                    if (!feed.closed()) {
                        feed.offer(
                                MonitorJson.history(history).encode(),
                                null,
                                services.ticker().nanos());
                        feeds.put(feed, principal);
                    }
                }));
    }

    void leave(Feed feed) {
        feeds.remove(feed);
    }

    private void tick(Live live) {
        if (live.atMillis() <= lastAtMillis && !silent()) {
            return;
        }
        lastAtMillis = live.atMillis();
        lastTickNanos = services.ticker().nanos();
        if (!feeds.isEmpty()) {
            send(MonitorJson.live(live).encode());
        }
    }

    private boolean silent() {
        return services.ticker().nanos() - lastTickNanos > SILENCE.toNanos();
    }

    private void check() {
        if (!feeds.isEmpty() && silent()) {
            send(MonitorJson.silent(clock.millis(), "monitor absent").encode());
        }
        if (++ticks % KEY_CHECK_TICKS == 0) {
            feeds.forEach((feed, principal) -> {
                if (!stillIn.test(principal)) {
                    feed.close(Outlet.SIGNED_OUT, "the key has ended");
                }
            });
        }
    }

    private void send(String json) {
        long now = services.ticker().nanos();
        feeds.keySet().forEach(feed -> feed.offerLatest(json, now));
    }
}
