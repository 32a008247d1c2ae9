package dev.penstock.gateway.wire;

import dev.penstock.common.contract.Usage;
import dev.penstock.common.fault.Fault;
import io.vertx.core.buffer.Buffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads one backend's stream and says what the caller gets of it, in the caller's form. One per attempt; one thread. */
public interface StreamReader {
    /** What becomes of the bytes that came. */
    sealed interface Event {}

    /** Bytes to pass on. */
    record Write(Buffer bytes) implements Event {}

    /**
     * The backend says that it failed.
     *
     * @param bytes how the caller is told if it has seen something already; they end the stream
     * @param fault how it is told if it has not
     */
    record Failed(Buffer bytes, Fault fault) implements Event {}

    /** The answer is complete. */
    record Done(Buffer bytes) implements Event {}

    /**
     * Takes the next bytes.
     *
     * @throws Fault if they make no sense
     */
    void accept(Buffer bytes, Consumer<Event> events);

    /** The backend closed its side without an end mark: what ends the answer if it was complete, null if it broke off. */
    @Nullable
    Buffer closed();

    /** What the backend said so far. */
    Usage usage();

    /** How the caller is told of a failure after its first byte; ends the stream. */
    Buffer failure(Fault fault);

    /** What is written in a silence. */
    Buffer ping();
}
