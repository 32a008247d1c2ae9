package dev.penstock.gateway.ops;

import io.vertx.core.Future;

/** Does one operation. May throw a fault instead of returning a failed future. */
@FunctionalInterface
interface OperationHandler {
    Future<Answer> handle(OpsCall call);
}
