package dev.penstock.gateway.stage;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.gateway.exchange.Answer.Whole;
import dev.penstock.gateway.exchange.BodyIntake;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Route;
import dev.penstock.gateway.exchange.Step;
import dev.penstock.gateway.http.Edge;
import dev.penstock.gateway.route.RouteGuard;
import dev.penstock.gateway.route.policy.RouteTarget;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/** Refuses what cannot be a request of ours by its head alone, and begins to read the body of what can. */
public final class GuardStage implements Stage {
    private static final int NO_CONTENT = 204;

    private final long maxBody;

    public GuardStage(long maxBody) {
        this.maxBody = maxBody;
    }

    @Override
    public Step enter(Exchange exchange) {
        RouteTarget upstream = exchange.upstream();
        if (upstream != null) {
            return RouteGuard.enter(exchange, upstream);
        }
        HttpServerRequest request = exchange.request();
        String path = request.path() == null ? "/" : request.path();
        Route route = Route.of(path);
        exchange.route(route);
        if (route == Route.UNKNOWN) {
            return exchange.refuse(
                    Fault.of(FaultCode.NOT_FOUND, "There is no " + request.method() + " " + path + " here."));
        }
        if (route == Route.STORED_RESPONSE) {
            return exchange.refuse(Fault.of(
                    FaultCode.NOT_FOUND,
                    "Stored responses are kept by the model's provider and cannot be reached through this gateway; keep what"
                            + " POST /v1/responses answers, or send previous_response_id."));
        }
        String method = request.method().name();
        String allowed = route.method().equals("GET") ? "GET, HEAD, OPTIONS" : route.method() + ", OPTIONS";
        if (method.equals("OPTIONS")) {
            request.response().putHeader(HttpHeaders.ALLOW, allowed).setStatusCode(NO_CONTENT);
            return exchange.answer(new Whole(Buffer.buffer()));
        }
        if (!route.method().equals(method)
                && !(method.equals("HEAD") && route.method().equals("GET"))) {
            request.response().putHeader(HttpHeaders.ALLOW, allowed);
            return exchange.refuse(
                    Fault.of(FaultCode.METHOD_NOT_ALLOWED, path + " is called with " + route.method() + "."));
        }
        if (route.work() == null) {
            return Step.NEXT;
        }
        return body(exchange, request);
    }

    private Step body(Exchange exchange, HttpServerRequest request) {
        String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
        if (type != null && !type.regionMatches(true, 0, "application/json", 0, "application/json".length())) {
            return exchange.refuse(
                    Fault.of(FaultCode.UNSUPPORTED_MEDIA_TYPE, "Send the body with Content-Type: application/json."));
        }
        if (length(request.getHeader(HttpHeaders.CONTENT_LENGTH)) > maxBody) {
            Edge.closeAfter(request);
            return exchange.refuse(BodyIntake.tooLarge(maxBody));
        }
        Edge.proceed(request);
        exchange.body(BodyIntake.of(request, maxBody));
        return Step.NEXT;
    }

    private static long length(@Nullable String header) {
        if (header == null) {
            return 0;
        }
        try {
            return Long.parseLong(header);
        } catch (NumberFormatException e) {
            return 0; // the HTTP decoder has refused it already, or will
        }
    }
}
