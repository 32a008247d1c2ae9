/** The decisions of cache-service, without I/O or clocks. Start at {@link dev.penstock.cache.policy.FlightTable}. */
@NullMarked
package dev.penstock.cache.policy;

import org.jspecify.annotations.NullMarked;
