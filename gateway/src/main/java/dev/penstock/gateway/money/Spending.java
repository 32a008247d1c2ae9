package dev.penstock.gateway.money;

/**
 * Of one budget in its running period, in nano-dollars.
 *
 * @param reserved set aside for calls that are under way
 */
public record Spending(long spent, long reserved) {}
