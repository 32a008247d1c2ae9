/** Request limits, counted on Redis for all gateways, here while Redis is away. Start at {@link dev.penstock.gateway.limit.Limiter}. */
@NullMarked
package dev.penstock.gateway.limit;

import org.jspecify.annotations.NullMarked;
