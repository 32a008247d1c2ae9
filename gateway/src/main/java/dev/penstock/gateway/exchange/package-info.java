/** One request on its way through the pipeline: what the stages learn and hand on. Start at {@link dev.penstock.gateway.exchange.Exchange}. */
@NullMarked
package dev.penstock.gateway.exchange;

import org.jspecify.annotations.NullMarked;
