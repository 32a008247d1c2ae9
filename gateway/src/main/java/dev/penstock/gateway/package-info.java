/** The gateway: HTTP in, answers out. Start at {@link dev.penstock.gateway.GatewayService}. */
@NullMarked
package dev.penstock.gateway;

import org.jspecify.annotations.NullMarked;
