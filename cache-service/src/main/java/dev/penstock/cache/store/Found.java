package dev.penstock.cache.store;

import dev.penstock.common.contract.CacheContract.Entry;
import dev.penstock.common.contract.CacheContract.Tier;

/** An entry that may be served, and where it was. */
public record Found(Entry entry, Tier tier) {}
