package dev.penstock.cache.store;

import dev.penstock.common.contract.CacheContract.Entry;

/**
 * An entry as the tiers keep it.
 *
 * @param stamp the generation in force when the work behind it began
 */
public record Stamped(Entry entry, long stamp) {}
