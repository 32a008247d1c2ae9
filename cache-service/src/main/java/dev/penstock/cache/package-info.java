/** Cache-service: tiers, flights and invalidation of shared answers. Start at {@link dev.penstock.cache.CacheService}. */
@NullMarked
package dev.penstock.cache;

import org.jspecify.annotations.NullMarked;
