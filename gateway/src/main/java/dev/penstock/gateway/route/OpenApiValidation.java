package dev.penstock.gateway.route;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.route.policy.PlainRoute;
import dev.penstock.gateway.route.policy.RouteTarget;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.contract.Operation;
import io.vertx.openapi.validation.RequestUtils;
import io.vertx.openapi.validation.RequestValidator;
import io.vertx.openapi.validation.SchemaValidationException;
import io.vertx.openapi.validation.ValidatorException;

/** Requests by an OpenAPI document: only its operations pass, with the parameters and bodies that it describes. */
final class OpenApiValidation implements Validation {
    private final OpenAPIContract contract;
    private final RequestValidator validator;

    private OpenApiValidation(OpenAPIContract contract, RequestValidator validator) {
        this.contract = contract;
        this.validator = validator;
    }

    /** Fails with an {@code IllegalStateException} that says what is wrong with the document. */
    static Future<Validation> load(Vertx vertx, PlainRoute route) {
        String file = route.config().validation().openapi();
        return OpenAPIContract.from(vertx, file)
                .compose(read -> rebased(vertx, route, read))
                .map(contract -> (Validation) new OpenApiValidation(contract, RequestValidator.create(vertx, contract)))
                .recover(cause -> Future.failedFuture(new IllegalStateException(
                        "the OpenAPI document of route '" + route.name() + "' cannot be used: " + cause.getMessage(),
                        cause)));
    }

    /** The document's paths are those of the servers; callers see them below the prefix where it is taken away. */
    private static Future<OpenAPIContract> rebased(Vertx vertx, PlainRoute route, OpenAPIContract read) {
        boolean rewritten = route.config().path().strip()
                || !route.config().path().replace().isEmpty();
        if (!rewritten) {
            return Future.succeededFuture(read);
        }
        String prefix = route.rewrite().prefix();
        JsonObject document = read.getRawContract().copy();
        document.put("servers", new JsonArray().add(new JsonObject().put("url", prefix.isEmpty() ? "/" : prefix)));
        return OpenAPIContract.from(vertx, document);
    }

    @Override
    public Future<Void> check(Exchange exchange, RouteTarget target, Buffer body) {
        HttpServerRequest request = exchange.request();
        Operation operation = contract.findOperation(target.path(), request.method());
        if (operation == null) {
            return Future.failedFuture(
                    contract.findPath(target.path()) == null
                            ? Fault.of(FaultCode.NOT_FOUND, "The route's description knows no such path.")
                            : Fault.of(
                                    FaultCode.METHOD_NOT_ALLOWED,
                                    "The route's description knows no " + request.method() + " of this path."));
        }
        String raw = request.path();
        if (segments(raw == null ? "/" : raw) != segments(target.path())) {
            // Parameters are cut out of the path as it came; it must mean the same as the one that was matched.
            return Future.failedFuture(Fault.invalid("path", "Write the path without '.' and '..'."));
        }
        return RequestUtils.extract(request, operation, () -> Future.succeededFuture(body))
                .compose(extracted -> validator.validate(extracted, operation.getOperationId()))
                .transform(result ->
                        result.succeeded() ? Future.succeededFuture() : Future.failedFuture(fault(result.cause())));
    }

    private static int segments(String path) {
        return (int) path.chars().filter(c -> c == '/').count();
    }

    private static Throwable fault(Throwable cause) {
        return switch (cause) {
            case SchemaValidationException schema
            when schema.getOutputUnit() != null -> described(schema, Violations.fault(schema.getOutputUnit()));
            case ValidatorException wrong -> Fault.invalid("request", String.valueOf(wrong.getMessage()));
            default -> cause;
        };
    }

    /** The document's own words name the parameter, where it is one. */
    private static Fault described(SchemaValidationException cause, Fault found) {
        String message = String.valueOf(cause.getMessage());
        return message.contains("parameter") ? Fault.invalid("request", message) : found;
    }
}
