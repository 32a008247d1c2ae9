package dev.penstock.gateway.ops;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.time.Ticker;
import dev.penstock.gateway.aggregate.Aggregation;
import dev.penstock.gateway.aggregate.Aggregation.Part;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Several requests in one. */
final class AggregateOperations {
    private static final int MOST_TARGET = 8 * 1024;
    private static final int MOST_ID = 64;
    /** Left for the answer, so that the parts that are there are not lost with the late ones. */
    private static final long MARGIN_MILLIS = 500;

    private final Aggregation aggregation;
    private final Ticker ticker;

    AggregateOperations(Aggregation aggregation, Ticker ticker) {
        this.aggregation = aggregation;
        this.ticker = ticker;
    }

    void register(Map<Operations, OperationHandler> handlers) {
        handlers.put(Operations.AGGREGATE, this::aggregate);
    }

    private Future<Answer> aggregate(OpsCall call) {
        List<Part> parts = parts(call.body(Set.of("requests")));
        long left = call.context().deadline().remainingMillis(ticker.nanos());
        return aggregation
                .run(call.routing(), parts, call.context().correlationId(), left - MARGIN_MILLIS)
                .map(answers -> Answer.json(new JsonObject().put("answers", answers)));
    }

    private static List<Part> parts(JsonObject body) {
        if (!(body.getValue("requests") instanceof JsonArray asked)
                || asked.isEmpty()
                || asked.size() > Aggregation.MOST_PARTS) {
            throw Fault.invalid(
                    "requests", "'requests' must be a list of 1 to " + Aggregation.MOST_PARTS + " requests.");
        }
        List<Part> parts = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < asked.size(); i++) {
            String place = "requests[" + i + "]";
            if (!(asked.getValue(i) instanceof JsonObject one)) {
                throw Fault.invalid(place, "'" + place + "' must be an object with 'path', and 'id' if you like.");
            }
            Part part = part(one, place, i);
            if (!ids.add(part.id())) {
                throw Fault.invalid(place + ".id", "Two requests have the same id.");
            }
            parts.add(part);
        }
        return parts;
    }

    private static Part part(JsonObject one, String place, int index) {
        for (String field : one.fieldNames()) {
            if (!field.equals("id") && !field.equals("path")) {
                throw Fault.invalid(place, "A request here has 'path' and 'id' alone; it is a GET without a body.");
            }
        }
        String id = OpsCall.text(one, "id");
        if (id != null && (id.isEmpty() || id.length() > MOST_ID)) {
            throw Fault.invalid(place + ".id", "An id has 1 to " + MOST_ID + " characters.");
        }
        String path = OpsCall.text(one, "path");
        boolean fits = path != null
                && path.startsWith("/")
                && path.length() <= MOST_TARGET
                && path.chars().allMatch(c -> c > ' ' && c <= '~' && c != '#');
        if (path == null || !fits) {
            throw Fault.invalid(
                    place + ".path",
                    "'path' must be a path with its query, such as /shop/cart?id=1, as it would stand in a request.");
        }
        return new Part(id == null ? Integer.toString(index) : id, path);
    }
}
