/** The operations API: health, metrics, cache, keys, alerts, streams, dashboard. Start at {@link dev.penstock.gateway.ops.Operations}. */
@NullMarked
package dev.penstock.gateway.ops;

import org.jspecify.annotations.NullMarked;
