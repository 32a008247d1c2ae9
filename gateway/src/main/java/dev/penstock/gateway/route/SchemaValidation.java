package dev.penstock.gateway.route;

import dev.penstock.common.fault.Fault;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.route.policy.RouteTarget;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.Validator;

/** Bodies by one JSON Schema: draft 2020-12, or the one that {@code $schema} names. */
final class SchemaValidation implements Validation {
    private static final String BASE = "https://penstock.invalid/";

    private final Validator validator;

    private SchemaValidation(Validator validator) {
        this.validator = validator;
    }

    /** Fails with an {@code IllegalStateException} that says what is wrong with the schema. */
    static Future<Validation> load(Vertx vertx, String route, String schema) {
        Future<Buffer> text = schema.stripLeading().startsWith("{")
                ? Future.succeededFuture(Buffer.buffer(schema))
                : vertx.fileSystem().readFile(schema);
        return text.map(SchemaValidation::of)
                .recover(cause -> Future.failedFuture(new IllegalStateException(
                        "the schema of route '" + route + "' cannot be used: " + cause.getMessage(), cause)));
    }

    static Validation of(Buffer schema) {
        JsonObject json = new JsonObject(schema);
        String named = json.getString("$schema");
        Draft draft = named == null ? Draft.DRAFT202012 : Draft.fromIdentifier(named);
        Validator validator = Validator.create(
                JsonSchema.of(json),
                new JsonSchemaOptions().setBaseUri(BASE).setDraft(draft).setOutputFormat(OutputFormat.Basic));
        validator.validate(new JsonObject()); // finds references that lead nowhere before a caller does
        return new SchemaValidation(validator);
    }

    @Override
    public Future<Void> check(Exchange exchange, RouteTarget target, Buffer body) {
        if (body.length() == 0 && !RouteGuard.hasBody(exchange.request())) {
            return bodyless(exchange.request().method().name());
        }
        return judge(body);
    }

    private static Future<Void> bodyless(String method) {
        return switch (method) {
            case "POST", "PUT", "PATCH" -> Future.failedFuture(Fault.invalid("/", "A JSON body is needed."));
            default -> Future.succeededFuture();
        };
    }

    Future<Void> judge(Buffer body) {
        Object value;
        try {
            value = Json.decodeValue(body);
        } catch (DecodeException e) {
            return Future.failedFuture(Fault.invalid("/", "The body is not JSON."));
        }
        OutputUnit verdict = validator.validate(value);
        return Boolean.TRUE.equals(verdict.getValid())
                ? Future.succeededFuture()
                : Future.failedFuture(Violations.fault(verdict));
    }
}
