package dev.penstock.common.store;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.impl.types.ErrorType;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pipelined connection that lives on one event loop and comes back by itself. Answers come in the order of the
 * commands and all have the same time, so one timer for the oldest command watches them all.
 *
 * <p>A server that hangs keeps its connections open: when the oldest command is late and nothing at all was heard for as
 * long, the connection is given up.
 */
final class RedisLine {
    private static final Logger log = LoggerFactory.getLogger(RedisLine.class);
    private static final Duration LEAST_BACKOFF = Duration.ofMillis(50);
    private static final Duration MOST_BACKOFF = Duration.ofSeconds(2);
    private static final Duration PING_EVERY = Duration.ofSeconds(1);
    /** Name lookup, handshake and greeting take longer than a command. */
    private static final Duration LEAST_CONNECT_TIME = Duration.ofSeconds(2);

    /** A command without its answer. */
    private static final class Waiting {
        final Promise<?> caller;
        final long dueNanos;
        boolean done;

        Waiting(Promise<?> caller, long dueNanos) {
            this.caller = caller;
            this.dueNanos = dueNanos;
        }
    }

    private final Vertx vertx;
    private final ContextInternal context;
    private final RedisOptions options;
    private final long timeoutNanos;
    private final Consumer<Boolean> onState;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

    private io.vertx.redis.client.@Nullable Redis client;
    private @Nullable RedisConnection connection;
    private volatile boolean up;
    private boolean connecting;
    private boolean closed;
    private boolean watching;
    /** Counts connections, so that late news of an old one does not end the new one. */
    private long generation;

    private long lastHeardNanos;
    private long backoffMillis = LEAST_BACKOFF.toMillis();

    /** {@code onState} is called on the event loop with whether the line is up. */
    RedisLine(Vertx vertx, ContextInternal context, RedisOptions options, Duration timeout, Consumer<Boolean> onState) {
        this.vertx = vertx;
        this.context = context;
        this.options = options;
        this.timeoutNanos = timeout.toNanos();
        this.onState = onState;
    }

    /** Connects, and goes on doing so until closed. */
    void open() {
        context.runOnContext(ignored -> {
            connect();
            ping();
        });
    }

    boolean up() {
        return up;
    }

    ContextInternal context() {
        return context;
    }

    /** Writes from any thread; {@code caller} is completed in time in any case. */
    <T extends @Nullable Object> void write(Function<RedisConnection, Future<T>> write, Promise<T> caller) {
        if (context.nettyEventLoop().inEventLoop()) {
            writeHere(write, caller);
        } else {
            context.runOnContext(ignored -> writeHere(write, caller));
        }
    }

    /** Breaks the connection off and stops coming back. */
    Future<Void> close() {
        Promise<Void> done = Promise.promise();
        context.runOnContext(ignored -> {
            closed = true;
            drop("this process is closing");
            done.complete();
        });
        return done.future();
    }

    private <T extends @Nullable Object> void writeHere(Function<RedisConnection, Future<T>> write, Promise<T> caller) {
        RedisConnection to = connection;
        if (to == null) {
            caller.tryFail(away());
            return;
        }
        Waiting mine = new Waiting(caller, System.nanoTime() + timeoutNanos);
        waiting.add(mine);
        watch(timeoutNanos);
        attempt(write, to).onComplete(result -> {
            Throwable cause = result.cause();
            if (result.succeeded() || cause instanceof ErrorType) {
                lastHeardNanos = System.nanoTime();
            }
            mine.done = true;
            while (!waiting.isEmpty() && waiting.peek().done) {
                waiting.poll();
            }
            if (result.succeeded()) {
                caller.tryComplete(result.result());
            } else {
                caller.tryFail(translate(cause));
            }
        });
    }

    /** What the client throws instead of failing must not cost the caller its answer. */
    private static <T extends @Nullable Object> Future<T> attempt(
            Function<RedisConnection, Future<T>> write, RedisConnection to) {
        try {
            return write.apply(to);
        } catch (RuntimeException e) {
            log.debug("the Redis client threw", e);
            return Future.failedFuture(e);
        }
    }

    private void watch(long inNanos) {
        if (watching) {
            return;
        }
        watching = true;
        context.setTimer(Math.max(1, TimeUnit.NANOSECONDS.toMillis(inNanos) + 1), ignored -> {
            watching = false;
            expire(System.nanoTime());
        });
    }

    private void expire(long now) {
        boolean late = false;
        for (Waiting head = waiting.peek(); head != null && (head.done || head.dueNanos - now <= 0); ) {
            waiting.poll();
            if (!head.done) {
                late = true;
                head.done = true;
                head.caller.tryFail(Fault.of(FaultCode.TIMEOUT, "Redis did not answer in time."));
            }
            head = waiting.peek();
        }
        if (late && now - lastHeardNanos >= timeoutNanos) {
            drop("it stopped answering");
        }
        Waiting next = waiting.peek();
        if (next != null) {
            watch(next.dueNanos - now);
        }
    }

    private void ping() {
        if (closed) {
            return;
        }
        if (connection != null) {
            Promise<@Nullable Object> heard = Promise.promise();
            writeHere(to -> to.send(Request.cmd(Command.PING)).mapEmpty(), heard);
        }
        context.setTimer(PING_EVERY.toMillis(), ignored -> ping());
    }

    private void connect() {
        if (closed || connecting || connection != null) {
            return;
        }
        connecting = true;
        var attempt = io.vertx.redis.client.Redis.createClient(vertx, options);
        client = attempt;
        long limit = Math.max(TimeUnit.NANOSECONDS.toMillis(timeoutNanos), LEAST_CONNECT_TIME.toMillis());
        attempt.connect()
                .compose(made -> made.send(Request.cmd(Command.PING)).map(made))
                .timeout(limit, TimeUnit.MILLISECONDS)
                .onComplete(result -> context.runOnContext(ignored -> {
                    connecting = false;
                    if (result.failed() || closed) {
                        log.debug("Redis cannot be reached", result.cause());
                        drop("it cannot be reached");
                    } else {
                        accept(result.result());
                    }
                }));
    }

    private void accept(RedisConnection made) {
        connection = made;
        lastHeardNanos = System.nanoTime();
        backoffMillis = LEAST_BACKOFF.toMillis();
        long mine = ++generation;
        made.endHandler(ignored -> lost(mine, "it closed the connection"));
        made.exceptionHandler(cause -> lost(mine, String.valueOf(cause.getMessage())));
        up = true;
        onState.accept(true);
    }

    private void lost(long gone, String why) {
        context.runOnContext(ignored -> {
            if (connection != null && generation == gone) {
                drop(why);
            }
        });
    }

    private void drop(String why) {
        boolean wasUp = up;
        up = false;
        connection = null;
        if (client != null) {
            client.close();
            client = null;
        }
        for (Waiting each = waiting.poll(); each != null; each = waiting.poll()) {
            each.done = true;
            each.caller.tryFail(away());
        }
        if (wasUp) {
            log.debug("connection to Redis dropped: {}", why);
            onState.accept(false);
        }
        if (!closed) {
            reconnect();
        }
    }

    private void reconnect() {
        long wait = backoffMillis / 2 + ThreadLocalRandom.current().nextLong(backoffMillis / 2 + 1);
        backoffMillis = Math.min(backoffMillis * 2, MOST_BACKOFF.toMillis());
        context.setTimer(Math.max(1, wait), ignored -> connect());
    }

    private static Throwable translate(Throwable cause) {
        if (!(cause instanceof ErrorType refused)) {
            return cause instanceof Fault ? cause : away();
        }
        String message = String.valueOf(refused.getMessage());
        boolean cannot = message.startsWith("LOADING")
                || message.startsWith("READONLY")
                || message.startsWith("MASTERDOWN")
                || message.startsWith("MISCONF")
                || message.startsWith("OOM");
        return cannot ? Fault.of(FaultCode.UNAVAILABLE, "Redis refuses for now: " + message) : refused;
    }

    static Fault away() {
        return Fault.of(FaultCode.UNAVAILABLE, "Redis is away.");
    }
}
