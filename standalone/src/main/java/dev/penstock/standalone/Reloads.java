package dev.penstock.standalone;

import dev.penstock.common.bus.Bus;
import dev.penstock.common.config.LiveConfig;
import dev.penstock.common.config.LiveConfig.Outcome;
import dev.penstock.common.contract.ControlContract;
import dev.penstock.common.contract.MonitorContract.Check;
import dev.penstock.common.contract.MonitorContract.Status;
import dev.penstock.common.health.Health;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that the configuration's file has changed, or that an administrator wants it read again, and says in log and
 * health what came of it. The file is looked at rather than listened to: a mounted one is replaced behind a link.
 */
final class Reloads {
    private static final Logger log = LoggerFactory.getLogger(Reloads.class);
    private static final long LOOK_EVERY_MILLIS = 2000;

    private final Vertx vertx;
    private final LiveConfig live;
    private final Health health;
    private final Optional<Path> file;
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile List<String> refused = List.of();
    /** Of the file as it was last read; null before and where it was not there. */
    private volatile @Nullable Look seen;

    private record Look(long modifiedMillis, long size) {}

    Reloads(Vertx vertx, LiveConfig live, Health health, Optional<Path> file) {
        this.vertx = vertx;
        this.live = live;
        this.health = health;
        this.file = file;
    }

    /** Begins to watch and to listen. */
    Future<Void> start(Bus bus) {
        seen = look();
        health.register(this::check);
        if (file.isPresent()) {
            vertx.setPeriodic(LOOK_EVERY_MILLIS, id -> inBackground(false));
        }
        return bus.subscribe(ControlContract.RELOAD, asked -> inBackground(true));
    }

    private void inBackground(boolean always) {
        if (busy.compareAndSet(false, true)) {
            vertx.executeBlocking(() -> read(always), false).onComplete(done -> {
                busy.set(false);
                if (done.failed()) {
                    log.error("the configuration could not be read again", done.cause());
                }
            });
        }
    }

    private boolean read(boolean always) {
        Look now = look();
        Look before = seen;
        if (!always && (now == null || now.equals(before))) {
            return false;
        }
        seen = now;
        told(live.reload());
        return true;
    }

    private void told(Outcome outcome) {
        switch (outcome) {
            case Outcome.Unchanged unchanged -> {
                refused = List.of();
                health.configHash(unchanged.hash()); // a comment may have changed: all processes must say the same
            }
            case Outcome.Swapped swapped -> {
                refused = List.of();
                health.configHash(swapped.hash());
                log.info("the configuration was read again, and is in force: {} changed", swapped.sections());
            }
            case Outcome.Refused wrong -> {
                refused = wrong.reasons();
                log.error("the configuration is refused, the one before stays in force: {}", wrong.reasons());
            }
        }
    }

    private Check check() {
        List<String> reasons = refused;
        return reasons.isEmpty()
                ? new Check("configuration", Status.HEALTHY, null)
                : new Check(
                        "configuration",
                        Status.DEGRADED,
                        "The file is refused and the configuration before it is in force: " + reasons.getFirst());
    }

    private @Nullable Look look() {
        if (file.isEmpty()) {
            return null;
        }
        try {
            Path real = file.get();
            return new Look(Files.getLastModifiedTime(real).toMillis(), Files.size(real));
        } catch (IOException e) {
            return null; // between two versions there may be none
        }
    }
}
