package dev.penstock.common.store;

import dev.penstock.common.config.RedisConfig;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.unit.Bytes;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.NetClientOptions;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.types.ErrorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Redis over one pipelined connection per event loop. The first, the <em>home</em> line, is watched from the start and
 * decides {@link #available()}; an event loop that calls gets a line of its own, and uses the home line until that is up.
 */
public final class VertxRedis implements Redis {
    private static final Logger log = LoggerFactory.getLogger(VertxRedis.class);

    private final VertxInternal vertx;
    private final RedisConfig config;
    private final RedisOptions options;
    private final RedisLine home;
    private final Map<EventLoop, RedisLine> lines = new ConcurrentHashMap<>();
    private final List<Consumer<Boolean>> listeners = new CopyOnWriteArrayList<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile boolean available;
    private volatile boolean closed;

    private VertxRedis(Vertx vertx, RedisConfig config) {
        this.vertx = (VertxInternal) vertx;
        this.config = config;
        this.options = new RedisOptions()
                .setConnectionString(config.url().reveal())
                .setMaxPoolSize(1)
                .setMaxPoolWaiting(1)
                // Commands that are given up stay in the client's queue until their connection is: hence the room.
                .setMaxWaitingHandlers(Math.max(1_024, 2 * config.maxWaiting()))
                .setNetClientOptions(new NetClientOptions().setTcpNoDelay(true).setTcpKeepAlive(true));
        ContextInternal context = this.vertx.createEventLoopContext();
        this.home = new RedisLine(vertx, context, options, config.timeout(), this::changed);
        lines.put(context.nettyEventLoop(), home);
    }

    /** Returns at once and connects in the background; without a URL there is no Redis. */
    public static Redis open(Vertx vertx, RedisConfig config) {
        if (config.url().reveal().isBlank()) {
            return new AbsentRedis();
        }
        VertxRedis redis = new VertxRedis(vertx, config);
        redis.home.open();
        return redis;
    }

    @Override
    public boolean available() {
        return available;
    }

    @Override
    public Future<@Nullable Response> send(Command command, Object... args) {
        Request request = request(command, List.of(args));
        return run(1, line -> line.send(request));
    }

    @Override
    public Future<List<@Nullable Response>> batch(List<Call> calls) {
        if (calls.isEmpty()) {
            return Future.succeededFuture(List.of());
        }
        List<Request> requests = new ArrayList<>(calls.size());
        for (Call call : calls) {
            requests.add(request(call.command(), call.args()));
        }
        return run(requests.size(), line -> line.batch(requests));
    }

    @Override
    public Future<@Nullable Response> script(Script script, List<String> keys, List<?> args) {
        Request byHash = script(Command.EVALSHA, script.sha1(), keys, args);
        return this.<@Nullable Response>run(1, line -> line.send(byHash)).recover(cause -> {
            if (cause instanceof ErrorType refused && refused.is("NOSCRIPT")) {
                // Evaluating the text also makes the server remember it.
                return run(1, line -> line.send(script(Command.EVAL, script.source(), keys, args)));
            }
            return Future.failedFuture(cause);
        });
    }

    @Override
    public void onAvailability(Consumer<Boolean> listener) {
        listeners.add(listener);
    }

    @Override
    public Future<Void> close() {
        closed = true;
        available = false;
        return Future.join(lines.values().stream().map(RedisLine::close).toList())
                .mapEmpty();
    }

    private <T extends @Nullable Object> Future<T> run(int size, Function<RedisConnection, Future<T>> write) {
        if (!available) {
            return Future.failedFuture(RedisLine.away());
        }
        if (waiting.addAndGet(size) > config.maxWaiting()) {
            waiting.addAndGet(-size);
            return Future.failedFuture(Fault.of(FaultCode.OVERLOADED, "Too many commands wait for Redis."));
        }
        ContextInternal current = ContextInternal.current();
        Promise<T> promise = (current == null ? home.context() : current).promise();
        Future<T> result = promise.future().andThen(ignored -> waiting.addAndGet(-size));
        line(current).write(write, promise);
        return result;
    }

    /** The line of the current event loop when that is up, else the home line. */
    private RedisLine line(@Nullable ContextInternal current) {
        if (current == null || !current.isEventLoopContext()) {
            return home;
        }
        EventLoop loop = current.nettyEventLoop();
        RedisLine line = lines.get(loop);
        if (line == null) {
            line = lines.computeIfAbsent(loop, this::openLine);
        }
        return line.up() ? line : home;
    }

    private RedisLine openLine(EventLoop loop) {
        ContextInternal context = vertx.contextBuilder().withEventLoop(loop).build();
        RedisLine line = new RedisLine(vertx, context, options, config.timeout(), ignored -> {});
        line.open();
        return line;
    }

    private void changed(boolean up) {
        if (closed) {
            return;
        }
        available = up;
        if (up) {
            log.info("Redis is available");
        } else {
            log.warn("Redis is away; going on without it");
        }
        for (Consumer<Boolean> listener : listeners) {
            try {
                listener.accept(up);
            } catch (RuntimeException e) {
                log.error("a listener to Redis's availability failed", e);
            }
        }
    }

    private static Request script(Command command, String scriptOrHash, List<String> keys, List<?> args) {
        Request request = Request.cmd(command).arg(scriptOrHash).arg(keys.size());
        keys.forEach(request::arg);
        args.forEach(arg -> append(request, arg));
        return request;
    }

    private static Request request(Command command, List<?> args) {
        Request request = Request.cmd(command);
        args.forEach(arg -> append(request, arg));
        return request;
    }

    private static void append(Request request, Object arg) {
        switch (arg) {
            case String text -> request.arg(text);
            case byte[] bytes -> request.arg(bytes);
            case Buffer buffer -> request.arg(buffer);
            case Bytes bytes -> request.arg(bytes.unsafeArray());
            case Long number -> request.arg(number.longValue());
            case Integer number -> request.arg(number.longValue());
            case Double number -> request.arg(number.doubleValue());
            case Boolean flag -> request.arg(flag ? 1 : 0);
            default ->
                throw new IllegalArgumentException(
                        "not an argument of Redis: " + arg.getClass().getName());
        }
    }
}
