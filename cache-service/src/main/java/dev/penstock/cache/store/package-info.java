/** Where entries and generations are kept: Redis, Postgres, heap. Start at {@link dev.penstock.cache.store.Tiers}. */
@NullMarked
package dev.penstock.cache.store;

import org.jspecify.annotations.NullMarked;
