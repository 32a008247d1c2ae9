package dev.penstock.common.store;

import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Redis, which may be away. A call while it is away fails at once with {@code UNAVAILABLE}; no call outlives its
 * deadline. Pipelined over one connection per event loop. Arguments are {@code String}, {@code byte[]}, {@code Buffer},
 * {@code Bytes} or numbers.
 */
public interface Redis {
    /** Whether commands can be expected to succeed now; changes by itself as the server comes and goes. */
    boolean available();

    /** One command. The response is null for nil. */
    Future<@Nullable Response> send(Command command, Object... args);

    /** Several commands in one write; the results in order. Fails whole if one fails. */
    Future<List<@Nullable Response>> batch(List<Call> calls);

    /** Runs a script by its SHA-1, loading it where the server does not know it. */
    Future<@Nullable Response> script(Script script, List<String> keys, List<?> args);

    /** Calls {@code listener} on each change of {@link #available()}, on an event loop. */
    void onAvailability(Consumer<Boolean> listener);

    Future<Void> close();

    /** One command of a batch. */
    record Call(Command command, List<Object> args) {
        public static Call of(Command command, Object... args) {
            return new Call(command, List.of(args));
        }
    }

    /** A Lua script, normally a commented resource file next to the class that uses it. */
    record Script(String name, String source, String sha1) {}
}
