package dev.penstock.gateway.guard;

import dev.penstock.common.bus.CallContext;
import dev.penstock.common.config.BlockConfig;
import dev.penstock.common.contract.SecurityContract;
import dev.penstock.common.contract.SecurityContract.Kind;
import dev.penstock.common.contract.SecurityContract.SecurityEvent;
import dev.penstock.common.crypto.FieldCipher;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.net.Addresses;
import dev.penstock.common.net.Cidr;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.gateway.guard.BlockStore.Stored;
import dev.penstock.gateway.guard.policy.Block;
import dev.penstock.gateway.guard.policy.Misdeeds;
import dev.penstock.gateway.guard.policy.Offence;
import dev.penstock.gateway.guard.policy.OffenceBook;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may not call, for all gateways alike. Misdeeds are heard from the bus, so that every gateway counts those of all; a
 * block is made at once here, written to Postgres, told to the others by the bus and by Redis, and read again by all twice
 * a second. What is made while Postgres is away waits on disk for it. Looking a block up is lock-free from any thread; all
 * else runs on one context.
 */
public final class Blocks {
    private static final Logger log = LoggerFactory.getLogger(Blocks.class);
    private static final long POLL_MILLIS = 500;
    private static final int PAGE = 5_000;
    private static final int POLLS_PER_FULL_READ = 120;
    private static final Duration START_LIMIT = Duration.ofMillis(500);
    private static final Duration BUDGET = Duration.ofSeconds(5);
    /** Of lifts that Postgres may not know of yet. */
    private static final int MOST_LIFTS = 10_000;

    private final ServiceContext services;
    private final BlockConfig config;
    private final List<Cidr> exempt;
    private final BlockStore store;
    private final BlockFeed feed;
    private final BlockBacklog backlog;
    private final GuardTrail trail;
    private final Clock clock;
    private final BlockTable table = new BlockTable();
    private final OffenceBook offences;
    private final Context context;
    /** Those that were read from Postgres: what is missing there one day was deleted by hand. */
    private Set<String> stored = new HashSet<>();
    /** Lifts and when they were made: an older block that is read later does not come back. */
    private final Map<String, Long> lifts = new LinkedHashMap<>();

    private volatile int waiting;
    private long version;
    private long polls;
    private boolean reading;
    private long timer = -1;

    Blocks(ServiceContext services, GuardTrail trail, Clock clock) {
        this.services = services;
        this.config = services.config().protection().block();
        this.exempt = Cidr.all(services.config().protection().exempt());
        this.store = new BlockStore(services.postgres());
        this.trail = trail;
        this.clock = clock;
        this.offences = new OffenceBook(config);
        this.context = services.vertx().getOrCreateContext();
        this.feed = new BlockFeed(context, services.redis());
        Path file = services.dataFolder().resolve("spool").resolve("blocks.json.enc");
        this.backlog = new BlockBacklog(context, store, new BlockSpool(file, FieldCipher.of(services.config())));
        services.telemetry().gauge("penstock_blocked_addresses", "Addresses that may not call now.", table::size);
        services.telemetry()
                .gauge(
                        "penstock_blocks_waiting",
                        "Blocks and lifts that wait on this disk for Postgres.",
                        () -> waiting);
        services.telemetry()
                .gauge("penstock_offending_addresses", "Addresses whose misdeeds are being counted.", offences::size);
    }

    /** Completed after the first attempt to read, whatever came of it. */
    Future<Void> start() {
        return services.bus()
                .subscribe(SecurityContract.BLOCKS, change -> onContext(() -> heard(BlockText.of(change))))
                .compose(done ->
                        services.bus().subscribe(SecurityContract.EVENTS, event -> onContext(() -> misdeed(event))))
                .compose(done -> opened())
                .compose(done -> {
                    onContext(() -> timer = services.vertx().setPeriodic(POLL_MILLIS, id -> poll()));
                    return readAll()
                            .timeout(START_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                            .otherwiseEmpty();
                });
    }

    /** What this process did before it stopped and Postgres does not have yet holds from the first request on. */
    private Future<Void> opened() {
        Promise<Void> done = Promise.promise();
        onContext(() -> backlog.open()
                .onSuccess(left -> left.forEach(this::heard))
                .onFailure(cause -> log.error("blocks that wait for Postgres cannot be read", cause))
                .onComplete(read -> {
                    waiting = backlog.size();
                    hear();
                    done.complete();
                }));
        return done.future();
    }

    void stop() {
        onContext(() -> services.vertx().cancelTimer(timer));
    }

    /** Whether nobody at all is blocked. */
    boolean none() {
        return table.empty();
    }

    /** The block that holds for an address now; null for none. */
    @Nullable
    Block find(String group) {
        return table.find(group, clock.millis());
    }

    boolean exempt(String address) {
        if (exempt.isEmpty()) {
            return false;
        }
        byte[] bytes = Addresses.parse(address);
        return bytes == null || Cidr.anyContains(exempt, bytes);
    }

    /** An event of this gateway that was one too many for the bus: it counts here at least. May be called on any thread. */
    public void untold(SecurityEvent event) {
        if (Misdeeds.of(event) != null) {
            onContext(() -> misdeed(event));
        }
    }

    /** A misdeed that this gateway saw itself. May be called on any thread. */
    void offence(String address, Offence offence, String path, String correlationId) {
        if (config.automatic() && !exempt(address)) {
            onContext(() -> count(address, offence, path, correlationId));
        }
    }

    /** Those in force, at most so many. */
    public List<Block> list(int limit) {
        return table.list(limit);
    }

    /**
     * Blocks an address or a network because somebody says so.
     *
     * @param length null for no end
     * @return failed with a fault where the address is none
     */
    public Future<Block> block(
            String address, String reason, @Nullable Duration length, String by, String from, CallContext call) {
        String normal = BlockText.address(address);
        Instant ends = length == null ? null : clock.instant().plus(length);
        long endsMillis = ends == null ? Block.NEVER : ends.toEpochMilli();
        Block wanted = new Block(normal, reason, 1, clock.millis(), endsMillis, by);
        Future<Block> kept = store.available()
                ? store.put(normal, reason, by, ends)
                        .map(put -> put == null ? wanted : put.block())
                        .recover(cause -> keep(wanted).map(wanted))
                : keep(wanted).map(wanted);
        return kept.onSuccess(block -> {
            onContext(() -> heard(block));
            publish(block);
            trail.blocked("manual");
            trail.act(Kind.ADDRESS_BLOCKED, by, from, call.correlationId(), normal, true, normal + ": " + reason);
        });
    }

    /** Ends a block before its time; failed with a fault where there is none. */
    public Future<Void> lift(String address, String by, String from, CallContext call) {
        String normal = BlockText.address(address);
        Block held = table.get(normal);
        long now = held == null ? clock.millis() : Math.max(clock.millis(), held.beganMillis() + 1);
        Block news = new Block(normal, "lifted", 1, now, Block.LIFTED, by);
        Future<Boolean> lifted = store.available()
                ? store.lift(normal)
                        .map(row -> row != null || held != null)
                        .recover(cause -> held == null
                                ? Future.failedFuture(cause)
                                : keep(news).map(true))
                : held == null ? Future.succeededFuture(false) : keep(news).map(true);
        return lifted.compose(was -> {
            if (!was) {
                return Future.failedFuture(Fault.of(FaultCode.NOT_FOUND, "There is no block of " + normal + "."));
            }
            onContext(() -> heard(news));
            publish(news);
            trail.act(Kind.ADDRESS_UNBLOCKED, by, from, call.correlationId(), normal, true, normal);
            return Future.succeededFuture();
        });
    }

    /** Complete once it is on disk, to be written to Postgres later. */
    private Future<Void> keep(Block block) {
        Promise<Void> done = Promise.promise();
        onContext(() -> {
            backlog.add(block)
                    .recover(cause -> {
                        trail.refused("block_not_kept");
                        log.error("a block of {} holds only as long as this process", block.address(), cause);
                        return Future.failedFuture(Fault.of(
                                FaultCode.UNAVAILABLE,
                                "Neither Postgres nor the disk takes the change now; try again."));
                    })
                    .onComplete(done);
            waiting = backlog.size();
        });
        return done.future();
    }

    private void misdeed(SecurityEvent event) {
        Offence offence = Misdeeds.of(event);
        if (offence != null && config.automatic() && !exempt(event.address())) {
            count(event.address(), offence, "", event.correlationId());
        }
    }

    private void count(String address, Offence offence, String path, String correlationId) {
        String group = Addresses.group(address);
        if (table.find(group, clock.millis()) == null && offences.add(group, offence, path, clock.millis())) {
            punish(group, offence, correlationId);
        }
    }

    private void punish(String group, Offence offence, String correlationId) {
        String reason = offence.label();
        long now = clock.millis();
        Block first =
                new Block(group, reason, 1, now, now + Block.length(1, config).toMillis(), "guard");
        take(first);
        if (offence == Offence.PROBES || offence == Offence.UNKNOWN_PATHS) {
            trail.act(Kind.SCAN_DETECTED, "anonymous", group, correlationId, group, false, reason);
        }
        if (!store.available()) {
            keepAndAnnounce(first, correlationId);
            return;
        }
        store.punish(group, reason, config)
                .onSuccess(row -> {
                    if (row != null) {
                        onContext(() -> heard(row.block()));
                        announce(row.block(), correlationId);
                    }
                })
                .onFailure(cause -> {
                    log.warn("a block of {} waits for Postgres: {}", group, cause.toString());
                    keepAndAnnounce(first, correlationId);
                });
    }

    private void keepAndAnnounce(Block block, String correlationId) {
        keep(block);
        announce(block, correlationId);
    }

    private void announce(Block block, String correlationId) {
        publish(block);
        trail.blocked(block.reason());
        String detail = block.address() + ": " + block.reason() + ", strike " + block.strikes() + ", until "
                + Instant.ofEpochMilli(block.endsMillis());
        trail.act(Kind.ADDRESS_BLOCKED, "guard", block.address(), correlationId, block.address(), true, detail);
    }

    private void publish(Block block) {
        services.bus()
                .publish(
                        SecurityContract.BLOCKS,
                        BlockText.message(block),
                        CallContext.internal("blocks", services.ticker().nanos(), BUDGET));
        onContext(() -> feed.tell(block, clock.millis()));
    }

    /** News from the bus, from Redis or from this process itself. */
    private void heard(Block news) {
        Block held = table.get(news.address());
        if (news.lifted()) {
            if (held == null || held.beganMillis() <= news.beganMillis()) {
                table.remove(news.address());
                remember(news);
            }
        } else if (!news.equals(held) && !isLifted(news)) {
            stored.remove(news.address());
            take(news);
        }
    }

    private void remember(Block lift) {
        lifts.remove(lift.address());
        lifts.put(lift.address(), lift.beganMillis());
        if (lifts.size() > MOST_LIFTS) {
            lifts.remove(lifts.keySet().iterator().next());
        }
    }

    private boolean isLifted(Block block) {
        Long lifted = lifts.get(block.address());
        return lifted != null && lifted >= block.beganMillis();
    }

    private void take(Block block) {
        if (!block.over(clock.millis()) && !table.put(block)) {
            trail.refused("block_table_full");
        }
    }

    private void poll() {
        backlog.flush();
        waiting = backlog.size();
        hear();
        if (++polls % POLLS_PER_FULL_READ == 0) {
            table.expire(clock.millis());
            if (store.available()) {
                readAll();
                store.forget();
            }
            return;
        }
        if (!reading && store.available()) {
            reading = true;
            store.changedSince(version, PAGE)
                    .onSuccess(changes -> onContext(() -> changes.forEach(this::changed)))
                    .onComplete(done -> onContext(() -> reading = false));
        }
    }

    private void hear() {
        feed.news(clock.millis()).onSuccess(news -> news.forEach(this::heard));
    }

    private void changed(Stored row) {
        version = Math.max(version, row.version());
        Block block = row.block();
        if (backlog.has(block.address())) {
            return; // what waits is newer
        }
        if (row.lifted()) {
            lifts.remove(block.address());
            table.remove(block.address());
        } else if (!isLifted(block)) {
            stored.add(block.address());
            take(block);
        }
    }

    private Future<Void> readAll() {
        if (!store.available()) {
            return Future.succeededFuture();
        }
        return store.all(BlockTable.MOST)
                .onSuccess(all -> onContext(() -> {
                    Set<String> gone = stored;
                    stored = new HashSet<>();
                    all.forEach(this::changed);
                    gone.removeAll(stored);
                    gone.removeIf(backlog::has);
                    table.removeAll(gone);
                }))
                .mapEmpty();
    }

    private void onContext(Runnable work) {
        context.runOnContext(ignored -> work.run());
    }
}
