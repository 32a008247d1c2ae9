package dev.penstock.gateway.guard.policy;

import dev.penstock.common.config.BlockConfig;
import java.time.Duration;

/**
 * An address that may not call.
 *
 * @param address as {@code Addresses.group} gives it, or a network
 * @param reason an {@link Offence}'s label, or {@code manual}
 * @param strikes how many times in a row it was blocked
 * @param endsMillis wall clock; {@link #NEVER} for none, {@link #LIFTED} where this is the news that it was lifted
 * @param by {@code guard}, or the id of a key
 */
public record Block(String address, String reason, int strikes, long beganMillis, long endsMillis, String by) {
    /** A block that lasts until somebody lifts it. */
    public static final long NEVER = Long.MAX_VALUE;

    /** The end of a block that somebody lifted; it then began when it was lifted. */
    public static final long LIFTED = 0;

    /** Growth ends here; by then every block is the longest. */
    private static final int MOST_DOUBLINGS = 20;

    public boolean lifted() {
        return endsMillis == LIFTED;
    }

    public Block withStrikes(int number) {
        return new Block(address, reason, number, beganMillis, endsMillis, by);
    }

    public boolean over(long nowMillis) {
        return nowMillis >= endsMillis;
    }

    /** How long the n-th block in a row lasts: twice the one before, up to the longest. */
    public static Duration length(int strikes, BlockConfig config) {
        int doublings = Math.clamp(strikes - 1L, 0, MOST_DOUBLINGS);
        long longest = config.longest().toMillis();
        long first = config.duration().toMillis();
        return Duration.ofMillis(first > longest >> doublings ? longest : first << doublings);
    }
}
