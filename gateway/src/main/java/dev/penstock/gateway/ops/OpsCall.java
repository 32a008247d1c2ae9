package dev.penstock.gateway.ops;

import dev.penstock.common.bus.CallContext;
import dev.penstock.common.contract.SecurityContract.Kind;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.gateway.audit.Audit;
import dev.penstock.gateway.auth.Caller;
import dev.penstock.gateway.auth.Principal;
import dev.penstock.gateway.http.ClientAddress;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One call of an operation, let in already.
 *
 * @param caller null where the operation is public
 */
record OpsCall(
        RoutingContext routing,
        CallContext context,
        @Nullable Principal caller) {

    HttpServerRequest request() {
        return routing.request();
    }

    /** The caller of an operation that needs a role. */
    Principal principal() {
        if (caller == null) {
            throw new IllegalStateException("a public operation asked who calls");
        }
        return caller;
    }

    /** The same, as what is put on record. */
    Caller by() {
        return new Caller(principal().keyId(), ClientAddress.of(request()), context);
    }

    /** An act of the caller's, for the audit trail. */
    Audit.Act act(Kind kind, String target, String detail) {
        Caller by = by();
        return new Audit.Act(kind, by.id(), by.address(), context.correlationId(), target, true, detail);
    }

    /** A {@code {name}} of the path. */
    String pathParameter(String name) {
        String value = routing.pathParam(name);
        return value == null ? "" : value;
    }

    /** A query parameter, or null. */
    @Nullable
    String query(String name) {
        return routing.queryParams().get(name);
    }

    /** The body as a JSON object that has no other fields than these; a fault says what is wrong. */
    JsonObject body(Set<String> allowed) {
        Buffer buffer = routing.body().buffer();
        JsonObject body;
        try {
            body = buffer == null || buffer.length() == 0 ? new JsonObject() : new JsonObject(buffer);
        } catch (DecodeException | ClassCastException e) {
            throw Fault.of(FaultCode.INVALID_REQUEST, "The body is not a JSON object.");
        }
        for (String field : body.fieldNames()) {
            if (!allowed.contains(field)) {
                throw Fault.invalid(
                        field, "'" + field + "' is not known here; possible are " + new TreeSet<>(allowed) + ".");
            }
        }
        return body;
    }

    /** A text field, or null where it is absent; refused where it is something else. */
    static @Nullable String text(JsonObject body, String field) {
        Object value = body.getValue(field);
        if (value == null || value instanceof String) {
            return (String) value;
        }
        throw Fault.invalid(field, "'" + field + "' must be a text.");
    }
}
