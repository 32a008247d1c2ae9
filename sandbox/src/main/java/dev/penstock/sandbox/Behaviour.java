package dev.penstock.sandbox;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Set;

/**
 * How the sandbox behaves; a new one takes effect with the next call.
 *
 * @param baseMs {@code a}: milliseconds that every call costs
 * @param perItemMs {@code b}: milliseconds more for each item of the call (each text; a chat is one item)
 * @param tokensPerSecond pace of generated tokens, 0: no time at all
 * @param slots calls served at the same time, 0: any number; the others wait in order of arrival
 * @param queueLimit calls that may wait for a slot; one more is answered 503
 * @param errorRate share of calls, 0 to 1, answered with {@code errorStatus} after their service time
 * @param errorStatus HTTP status of those
 * @param retryAfterMs time that 429 and 503 answers tell the caller to wait
 * @param stallRate share of calls, 0 to 1, that are never answered
 * @param completionTokens exact length of every chat answer, 0: as the text comes
 */
public record Behaviour(
        double baseMs,
        double perItemMs,
        double tokensPerSecond,
        int slots,
        int queueLimit,
        double errorRate,
        int errorStatus,
        long retryAfterMs,
        double stallRate,
        int completionTokens) {

    // First, since making the constants below needs it.
    private static final Set<String> KEYS = Set.of(
            "base_ms",
            "per_item_ms",
            "tokens_per_second",
            "slots",
            "queue_limit",
            "error_rate",
            "error_status",
            "retry_after_ms",
            "stall_rate",
            "completion_tokens");

    /** 20 ms a call, 1 ms an item, 200 tokens a second, no faults. */
    public static final Behaviour DEFAULTS = new Behaviour(20, 1, 200, 0, 10_000, 0, 500, 1000, 0, 0);

    /** No think time at all: for measuring what stands in front of it. */
    public static final Behaviour INSTANT = DEFAULTS.withServiceTime(0, 0).withTokensPerSecond(0);

    /** Checks the ranges. */
    public Behaviour {
        require(baseMs >= 0 && perItemMs >= 0, "service times must not be negative");
        require(tokensPerSecond >= 0, "tokens_per_second must not be negative");
        require(slots >= 0 && queueLimit >= 0, "slots and queue_limit must not be negative");
        require(isShare(errorRate) && isShare(stallRate), "rates must be between 0 and 1");
        require(errorStatus >= 400 && errorStatus <= 599, "error_status must be between 400 and 599");
        require(retryAfterMs >= 0, "retry_after_ms must not be negative");
        require(completionTokens >= 0 && completionTokens <= 1_000_000, "completion_tokens must be 0 to 1000000");
    }

    private static boolean isShare(double rate) {
        return rate >= 0 && rate <= 1;
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }

    /** {@code a + b·n}, without the time for tokens. */
    Duration serviceTime(int items) {
        return Duration.ofNanos((long) ((baseMs + perItemMs * items) * 1_000_000));
    }

    /** This with another {@code a + b·n}, in milliseconds. */
    public Behaviour withServiceTime(double newBaseMs, double newPerItemMs) {
        return merge(new JsonObject().put("base_ms", newBaseMs).put("per_item_ms", newPerItemMs));
    }

    /** This with another pace of tokens; 0 for none. */
    public Behaviour withTokensPerSecond(double rate) {
        return merge(new JsonObject().put("tokens_per_second", rate));
    }

    /** This with so many calls at a time; 0 for any number. */
    public Behaviour withSlots(int number) {
        return merge(new JsonObject().put("slots", number));
    }

    /** This with a share of calls that fail with the status. */
    public Behaviour withErrors(double rate, int status) {
        return merge(new JsonObject().put("error_rate", rate).put("error_status", status));
    }

    /** This with a share of calls that are never answered. */
    public Behaviour withStalls(double rate) {
        return merge(new JsonObject().put("stall_rate", rate));
    }

    /** This with chat answers of exactly so many tokens; 0 as the text comes. */
    public Behaviour withCompletionTokens(int tokens) {
        return merge(new JsonObject().put("completion_tokens", tokens));
    }

    /**
     * This with what the object names replaced.
     *
     * @throws IllegalArgumentException for an unknown name, a wrong type or a value out of range
     */
    Behaviour merge(JsonObject changes) {
        for (String name : changes.fieldNames()) {
            require(KEYS.contains(name), "unknown setting " + name);
            require(changes.getValue(name) instanceof Number, name + " must be a number");
        }
        return new Behaviour(
                changes.getDouble("base_ms", baseMs),
                changes.getDouble("per_item_ms", perItemMs),
                changes.getDouble("tokens_per_second", tokensPerSecond),
                changes.getInteger("slots", slots),
                changes.getInteger("queue_limit", queueLimit),
                changes.getDouble("error_rate", errorRate),
                changes.getInteger("error_status", errorStatus),
                changes.getLong("retry_after_ms", retryAfterMs),
                changes.getDouble("stall_rate", stallRate),
                changes.getInteger("completion_tokens", completionTokens));
    }

    JsonObject toJson() {
        return new JsonObject()
                .put("base_ms", baseMs)
                .put("per_item_ms", perItemMs)
                .put("tokens_per_second", tokensPerSecond)
                .put("slots", slots)
                .put("queue_limit", queueLimit)
                .put("error_rate", errorRate)
                .put("error_status", errorStatus)
                .put("retry_after_ms", retryAfterMs)
                .put("stall_rate", stallRate)
                .put("completion_tokens", completionTokens);
    }
}
