/** The steps of a request, one file each, in the order of {@link dev.penstock.gateway.GatewayPipeline}. Start at {@link dev.penstock.gateway.stage.Stage}. */
@NullMarked
package dev.penstock.gateway.stage;

import org.jspecify.annotations.NullMarked;
