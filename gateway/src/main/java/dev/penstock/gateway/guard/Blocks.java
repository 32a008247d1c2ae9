package dev.penstock.gateway.guard;

import dev.penstock.common.bus.CallContext;
import dev.penstock.common.config.BlockConfig;
import dev.penstock.common.contract.SecurityContract;
import dev.penstock.common.contract.SecurityContract.BlockChanged;
import dev.penstock.common.contract.SecurityContract.Kind;
import dev.penstock.common.contract.SecurityContract.SecurityEvent;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.net.Addresses;
import dev.penstock.common.net.Cidr;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.gateway.guard.BlockStore.Stored;
import dev.penstock.gateway.guard.policy.Block;
import dev.penstock.gateway.guard.policy.Offence;
import dev.penstock.gateway.guard.policy.OffenceBook;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may not call, for all gateways alike. Misdeeds are heard from the bus, so that every gateway counts those of all; a
 * block is made at once here, written to Postgres, told to the others, and read again by all every second. Without
 * Postgres blocks live in memory alone. Looking one up is lock-free from any thread; all else runs on one context.
 */
public final class Blocks {
    private static final Logger log = LoggerFactory.getLogger(Blocks.class);
    private static final long POLL_MILLIS = 1_000;
    private static final int PAGE = 5_000;
    private static final int POLLS_PER_FULL_READ = 60;
    private static final Duration START_LIMIT = Duration.ofMillis(500);
    private static final Duration BUDGET = Duration.ofSeconds(5);
    /** Refusals that are our own fault, or that honest callers run into. */
    private static final Set<String> HARMLESS = Set.of(
            "missing",
            "stale",
            "unavailable",
            "expired_session",
            "unknown_session",
            "foreign_origin",
            "expired",
            "expired_token");

    private final ServiceContext services;
    private final BlockConfig config;
    private final List<Cidr> exempt;
    private final BlockStore store;
    private final GuardTrail trail;
    private final Clock clock;
    private final BlockTable table = new BlockTable();
    private final OffenceBook offences;
    private final Context context;
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
        services.telemetry().gauge("penstock_blocked_addresses", "Addresses that may not call now.", table::size);
        services.telemetry()
                .gauge("penstock_offending_addresses", "Addresses whose misdeeds are being counted.", offences::size);
    }

    /** Completed after the first attempt to read, whatever came of it. */
    Future<Void> start() {
        return services.bus()
                .subscribe(SecurityContract.BLOCKS, change -> onContext(() -> heard(change)))
                .compose(done ->
                        services.bus().subscribe(SecurityContract.EVENTS, event -> onContext(() -> misdeed(event))))
                .compose(done -> {
                    onContext(() -> timer = services.vertx().setPeriodic(POLL_MILLIS, id -> poll()));
                    return readAll()
                            .timeout(START_LIMIT.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS)
                            .otherwiseEmpty();
                });
    }

    void stop() {
        onContext(() -> services.vertx().cancelTimer(timer));
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
        String normal = normal(address);
        Instant ends = length == null ? null : clock.instant().plus(length);
        long endsMillis = ends == null ? Block.NEVER : ends.toEpochMilli();
        Block wanted = new Block(normal, reason, 1, clock.millis(), endsMillis, by);
        Future<Block> kept = store.available()
                ? store.put(normal, reason, by, ends).map(stored -> stored == null ? wanted : stored.block())
                : Future.succeededFuture(wanted);
        return kept.onSuccess(block -> {
            onContext(() -> take(block));
            publish(block, block.endsMillis());
            trail.blocked("manual");
            trail.act(Kind.ADDRESS_BLOCKED, by, from, call.correlationId(), normal, true, normal + ": " + reason);
        });
    }

    /** Ends a block before its time; failed with a fault where there is none. */
    public Future<Void> lift(String address, String by, String from, CallContext call) {
        String normal = normal(address);
        Block held = table.list(BlockTable.MOST).stream()
                .filter(block -> block.address().equals(normal))
                .findFirst()
                .orElse(null);
        Future<Boolean> lifted = store.available()
                ? store.lift(normal).map(stored -> stored != null || held != null)
                : Future.succeededFuture(held != null);
        return lifted.compose(was -> {
            if (!was) {
                return Future.failedFuture(Fault.of(FaultCode.NOT_FOUND, "There is no block of " + normal + "."));
            }
            onContext(() -> table.remove(normal));
            publish(new Block(normal, "lifted", 1, clock.millis(), 0, by), 0);
            trail.act(Kind.ADDRESS_UNBLOCKED, by, from, call.correlationId(), normal, true, normal);
            return Future.succeededFuture();
        });
    }

    private static String normal(String address) {
        byte[] bytes = Addresses.parse(address);
        if (bytes != null) {
            return Addresses.group(Addresses.text(bytes));
        }
        return Cidr.parse(address)
                .map(network ->
                        network.toString().endsWith("/64") ? Addresses.group(bare(network)) : network.toString())
                .orElseThrow(() -> Fault.invalid(
                        "address", "'address' must be an address or a network, such as 203.0.113.7 or 2001:db8::/32."));
    }

    private static String bare(Cidr network) {
        String text = network.toString();
        return text.substring(0, text.indexOf('/'));
    }

    private void misdeed(SecurityEvent event) {
        Offence offence = switch (event.kind()) {
            case AUTHENTICATION_FAILED -> HARMLESS.contains(event.detail()) ? null : Offence.FAILURES;
            case LOGIN_FAILED -> Offence.FAILURES;
            case TOKEN_REUSED -> Offence.REUSED_TOKENS;
            case REQUEST_SUSPICIOUS -> Offence.SUSPICIOUS;
            case CONTENT_REFUSED -> Offence.UPLOADS;
            default -> null;
        };
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
            announce(first, correlationId);
            return;
        }
        store.punish(group, reason, config)
                .onSuccess(stored -> {
                    if (stored != null) {
                        take(stored.block());
                        announce(stored.block(), correlationId);
                    }
                })
                .onFailure(cause -> {
                    log.warn("a block of {} is not stored and ends with this process: {}", group, cause.toString());
                    announce(first, correlationId);
                });
    }

    private void announce(Block block, String correlationId) {
        publish(block, block.endsMillis());
        trail.blocked(block.reason());
        String detail = block.address() + ": " + block.reason() + ", strike " + block.strikes() + ", until "
                + Instant.ofEpochMilli(block.endsMillis());
        trail.act(Kind.ADDRESS_BLOCKED, "guard", block.address(), correlationId, block.address(), true, detail);
    }

    private void publish(Block block, long endsMillis) {
        var change = new BlockChanged(
                block.address(), block.reason(), block.strikes(), block.beganMillis(), endsMillis, block.by());
        services.bus()
                .publish(
                        SecurityContract.BLOCKS,
                        change,
                        CallContext.internal("blocks", services.ticker().nanos(), BUDGET));
    }

    private void heard(BlockChanged change) {
        if (change.endsMillis() == 0) {
            table.remove(change.address());
        } else {
            take(new Block(
                    change.address(),
                    change.reason(),
                    change.strikes(),
                    change.beganMillis(),
                    change.endsMillis(),
                    change.by()));
        }
    }

    private void take(Block block) {
        if (!block.over(clock.millis()) && !table.put(block)) {
            trail.refused("block_table_full");
        }
    }

    private void poll() {
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

    private void changed(Stored stored) {
        version = Math.max(version, stored.version());
        if (stored.lifted()) {
            table.remove(stored.block().address());
        } else {
            take(stored.block());
        }
    }

    private Future<Void> readAll() {
        if (!store.available()) {
            return Future.succeededFuture();
        }
        return store.all(BlockTable.MOST)
                .onSuccess(all -> onContext(() -> {
                    table.retain(all.stream().map(Stored::block).toList());
                    all.forEach(stored -> version = Math.max(version, stored.version()));
                }))
                .mapEmpty();
    }

    private void onContext(Runnable work) {
        context.runOnContext(ignored -> work.run());
    }
}
