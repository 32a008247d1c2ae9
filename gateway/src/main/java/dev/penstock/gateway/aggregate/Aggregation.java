package dev.penstock.gateway.aggregate;

import dev.penstock.gateway.aggregate.PartResponse.Broken;
import dev.penstock.gateway.http.Edge;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs several GETs of one caller at once, each admitted, limited, measured and logged as if it had come alone, and puts
 * the answers together. A part that fails says so in its place and hinders no other.
 */
public final class Aggregation {
    /** Most parts of one request. */
    public static final int MOST_PARTS = 16;

    /** Bytes that the bodies of all answers may have together. */
    public static final long MOST_BYTES = 8L * 1024 * 1024;

    private static final int TOO_LARGE = 413;
    private static final int BAD_GATEWAY = 502;
    private static final int TIMEOUT = 504;
    /** They belong to the body of the request that brought the parts, or to its connection. */
    private static final Set<String> NOT_OF_PARTS = Set.of(
            "content-length",
            "content-type",
            "content-encoding",
            "transfer-encoding",
            "connection",
            "expect",
            "upgrade",
            "te",
            "trailer",
            "idempotency-key",
            "accept-encoding",
            "if-match",
            "if-none-match",
            "if-modified-since",
            "if-unmodified-since",
            "range",
            "x-correlation-id");

    /** Headers of answers that say something about the part. */
    private static final List<String> SHOWN = List.of(
            "content-type",
            "etag",
            "last-modified",
            "cache-control",
            "location",
            "retry-after",
            "ratelimit",
            "x-request-id",
            "x-cache",
            "x-penstock-instance",
            "x-penstock-attempts");

    private final Vertx vertx;
    private final Consumer<HttpServerRequest> gateway;

    /**
     * One GET.
     *
     * @param id what the caller calls it
     * @param target path and query
     */
    public record Part(String id, String target) {}

    /** @param gateway answers a part as it would answer a request */
    public Aggregation(Vertx vertx, Consumer<HttpServerRequest> gateway) {
        this.vertx = vertx;
        this.gateway = gateway;
    }

    /**
     * Runs the parts, on the caller's event loop.
     *
     * @param id of the request that brought them
     * @param millis after which parts without an answer are given up
     * @return the answers in the order of the parts; never fails
     */
    public Future<JsonArray> run(RoutingContext routing, List<Part> parts, String id, long millis) {
        HttpServerRequest caller = routing.request();
        PartResponse.Room room = new PartResponse.Room(MOST_BYTES);
        List<PartResponse> answers = new ArrayList<>(parts.size());
        for (int i = 0; i < parts.size(); i++) {
            answers.add(new PartResponse(room));
        }
        Runnable cancel = () -> answers.forEach(PartResponse::cancel);
        long timer = vertx.setTimer(Math.max(1, millis), late -> cancel.run());
        routing.addEndHandler(ended -> cancel.run());
        ContextInternal context = (ContextInternal) vertx.getOrCreateContext();
        for (int i = 0; i < parts.size(); i++) {
            MultiMap headers = headers(caller, id + "." + (i + 1));
            // A context of its own, so that log lines tell the parts apart.
            context.duplicate()
                    .dispatch(new PartRequest(caller, parts.get(i).target(), headers, answers.get(i)), gateway::accept);
        }
        return Future.all(answers.stream().map(PartResponse::done).toList()).map(all -> {
            vertx.cancelTimer(timer);
            JsonArray told = new JsonArray();
            for (int i = 0; i < parts.size(); i++) {
                told.add(answer(parts.get(i), answers.get(i)));
            }
            return told;
        });
    }

    private static MultiMap headers(HttpServerRequest caller, String id) {
        MultiMap headers = HttpHeaders.headers().setAll(caller.headers());
        NOT_OF_PARTS.forEach(headers::remove);
        return headers.set(Edge.REQUEST_ID, id);
    }

    private static JsonObject answer(Part part, PartResponse answer) {
        JsonObject told = new JsonObject().put("id", part.id());
        Broken broken = answer.broken();
        if (broken != null) {
            return switch (broken) {
                case TOO_LARGE ->
                    failed(told, TOO_LARGE, "The answers are larger than " + MOST_BYTES + " bytes together.");
                case RESET -> failed(told, BAD_GATEWAY, "The server broke off in the middle of its answer.");
                case CANCELLED -> failed(told, TIMEOUT, "There was no whole answer in time.");
            };
        }
        JsonObject headers = new JsonObject();
        for (String name : SHOWN) {
            String value = answer.headers().get(name);
            if (value != null) {
                headers.put(name, value);
            }
        }
        told.put("status", answer.getStatusCode()).put("headers", headers);
        body(told, answer.body(), answer.headers().get(HttpHeaders.CONTENT_TYPE));
        return told;
    }

    private static JsonObject failed(JsonObject told, int status, String why) {
        return told.put("status", status).put("error", why);
    }

    /** JSON as JSON, other text as text, the rest as base64. */
    private static void body(JsonObject told, Buffer body, @Nullable String type) {
        if (body.length() == 0) {
            return;
        }
        if (type != null && type.contains("json")) {
            try {
                told.put("body", Json.decodeValue(body));
                return;
            } catch (DecodeException e) {
                // then as text
            }
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body.getBytes()))
                    .toString();
            told.put("body", text);
        } catch (CharacterCodingException e) {
            told.put("base64", body.getBytes());
        }
    }
}
