package dev.penstock.sandbox;

/**
 * How to start the sandbox.
 *
 * @param host address to listen on; loopback unless there is a good reason
 * @param port 0 for a free one
 * @param behaviour service times and faults to begin with
 * @param seed of the dice for errors and stalls, so that a run can be repeated
 */
public record SandboxOptions(String host, int port, Behaviour behaviour, long seed) {
    /** A free port on loopback, 20 ms + 1 ms per item. */
    public static final SandboxOptions DEFAULTS = new SandboxOptions("127.0.0.1", 0, Behaviour.DEFAULTS, 42);

    /** The largest request body taken, in bytes; one more is answered 413. */
    public static final int MAX_BODY_BYTES = 20 * 1024 * 1024;

    /** The most texts in one embeddings call, as with OpenAI. */
    public static final int MAX_ITEMS = 2048;

    /** These options with another behaviour. */
    public SandboxOptions withBehaviour(Behaviour newBehaviour) {
        return new SandboxOptions(host, port, newBehaviour, seed);
    }

    /** These options with a fixed port. */
    public SandboxOptions withPort(int newPort) {
        return new SandboxOptions(host, newPort, behaviour, seed);
    }
}
