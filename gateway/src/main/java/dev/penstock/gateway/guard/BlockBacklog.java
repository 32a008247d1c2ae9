package dev.penstock.gateway.guard;

import dev.penstock.gateway.guard.policy.Block;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blocks and lifts that Postgres does not have yet: kept on disk, and written in the order in which they were made as soon
 * as it is back. Of one address only the last counts. Confined to one context.
 */
final class BlockBacklog {
    /** About 2 MB on disk. */
    static final int MOST = 10_000;

    private static final Logger log = LoggerFactory.getLogger(BlockBacklog.class);

    private final Context context;
    private final BlockStore store;
    private final BlockSpool spool;
    private final Map<String, Block> waiting = new LinkedHashMap<>();
    private @Nullable Promise<Void> next;
    private boolean writing;
    private boolean flushing;

    BlockBacklog(Context context, BlockStore store, BlockSpool spool) {
        this.context = context;
        this.store = store;
        this.spool = spool;
    }

    /** What an earlier process left. */
    Future<List<Block>> open() {
        Future<List<Block>> read = context.executeBlocking(spool::read).map(Objects::requireNonNull);
        return read.onSuccess(left -> left.forEach(block -> waiting.putIfAbsent(block.address(), block)));
    }

    boolean has(String address) {
        return waiting.containsKey(address);
    }

    int size() {
        return waiting.size();
    }

    /**
     * Complete once the block, or the lift, is on disk.
     *
     * @return failed where there are too many, or the disk does not take it
     */
    Future<Void> add(Block block) {
        Block before = waiting.get(block.address());
        if (before == null && waiting.size() >= MOST) {
            return Future.failedFuture(
                    new IllegalStateException(MOST + " blocks wait for Postgres, and no more are kept"));
        }
        Block latest = before == null || before.lifted() || block.lifted()
                ? block
                : block.withStrikes(Math.max(block.strikes(), before.strikes() + 1));
        waiting.remove(block.address()); // the order is that of the last changes
        waiting.put(block.address(), latest);
        return persist();
    }

    /** Writes what waits, while Postgres takes it. */
    void flush() {
        if (flushing || waiting.isEmpty() || !store.available()) {
            return;
        }
        flushing = true;
        int before = waiting.size();
        drain().onComplete(done -> {
            flushing = false;
            int written = before - waiting.size();
            if (written > 0) {
                log.info("{} blocks that were made without Postgres are stored now", written);
                persist();
            }
        });
    }

    private Future<Void> drain() {
        if (waiting.isEmpty()) {
            return Future.succeededFuture();
        }
        Block first = waiting.values().iterator().next();
        return Hop.to(context, store.settle(first)).compose(done -> {
            waiting.remove(first.address(), first);
            return drain();
        });
    }

    private Future<Void> persist() {
        if (writing) {
            Promise<Void> after = next == null ? Promise.promise() : next;
            next = after;
            return after.future();
        }
        writing = true;
        List<Block> all = List.copyOf(waiting.values());
        Future<Void> written = context.executeBlocking(() -> {
                    spool.write(all);
                    return all;
                })
                .mapEmpty();
        written.onComplete(done -> {
            writing = false;
            Promise<Void> after = next;
            if (after != null) {
                next = null;
                persist().onComplete(after);
            }
        });
        return written;
    }
}
