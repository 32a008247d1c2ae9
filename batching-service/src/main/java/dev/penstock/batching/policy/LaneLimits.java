package dev.penstock.batching.policy;

/**
 * How far a lane may grow.
 *
 * @param maxItems most items in one call, at least 1
 * @param maxWeight most weight in one call; an item that is heavier goes alone
 * @param maxQueued most items that wait
 */
public record LaneLimits(int maxItems, long maxWeight, int maxQueued) {
    public LaneLimits {
        if (maxItems < 1 || maxWeight < 1 || maxQueued < 1) {
            throw new IllegalArgumentException("limits start at 1");
        }
    }
}
