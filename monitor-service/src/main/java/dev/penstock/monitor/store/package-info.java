/** The time series in Redis. Start at {@link dev.penstock.monitor.store.RedisSeries}. */
@NullMarked
package dev.penstock.monitor.store;

import org.jspecify.annotations.NullMarked;
