package dev.penstock.gateway.route;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.gateway.exchange.BodyIntake;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Step;
import dev.penstock.gateway.guard.content.Magic;
import dev.penstock.gateway.http.Edge;
import dev.penstock.gateway.route.policy.ContentTypes;
import dev.penstock.gateway.route.policy.PlainRoute;
import dev.penstock.gateway.route.policy.RouteTarget;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Refuses by its head alone what a route does not take. */
public final class RouteGuard {
    static final CharSequence IDEMPOTENCY_KEY = HttpHeaders.createOptimized("idempotency-key");
    /** What is read for the sake of a refused request's connection. */
    private static final long CHEAP_TO_DROP = 64 * 1024;

    private RouteGuard() {}

    /** The first look at a request for a plain route; its body is not read yet. */
    public static Step enter(Exchange exchange, RouteTarget target) {
        HttpServerRequest request = exchange.request();
        request.pause();
        Fault fault = judge(request, target.route());
        if (fault == null) {
            return Step.NEXT;
        }
        if (fault.code() == FaultCode.METHOD_NOT_ALLOWED) {
            request.response().putHeader(HttpHeaders.ALLOW, target.route().allowed());
        }
        unread(exchange);
        return exchange.refuse(fault);
    }

    private static @Nullable Fault judge(HttpServerRequest request, PlainRoute route) {
        String method = request.method().name();
        if (!route.takes(method)) {
            return Fault.of(
                    FaultCode.METHOD_NOT_ALLOWED,
                    "The route '" + route.name() + "' is not called with this method; possible are " + route.allowed()
                            + ".");
        }
        if (upgrade(request) && !route.config().websocket()) {
            return Fault.of(FaultCode.INVALID_REQUEST, "The route '" + route.name() + "' passes no WebSockets.");
        }
        long most = route.config().maxBody().bytes();
        if (length(request) > most) {
            return BodyIntake.tooLarge(most);
        }
        String type = hasBody(request)
                ? ContentTypes.refusal(
                        request.getHeader(HttpHeaders.CONTENT_TYPE),
                        route.config().contentTypes())
                : null;
        return type == null ? null : Fault.of(FaultCode.UNSUPPORTED_MEDIA_TYPE, type);
    }

    /** Whether a WebSocket is asked for. */
    static boolean upgrade(HttpServerRequest request) {
        String upgrade = request.getHeader(HttpHeaders.UPGRADE);
        return upgrade != null
                && upgrade.equalsIgnoreCase("websocket")
                && request.headers().getAll(HttpHeaders.CONNECTION).stream()
                        .anyMatch(value -> value.toLowerCase(Locale.ROOT).contains("upgrade"));
    }

    /** The length that the head says; 0 without a body, -1 where it is not said. */
    static long length(HttpServerRequest request) {
        String header = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (header != null) {
            try {
                return Long.parseLong(header);
            } catch (NumberFormatException e) {
                return -1; // the HTTP decoder has refused it already
            }
        }
        return hasBody(request) ? -1 : 0;
    }

    static boolean hasBody(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (length != null) {
            return !length.equals("0");
        }
        if (request.headers().contains(HttpHeaders.TRANSFER_ENCODING)) {
            return true;
        }
        boolean usual = switch (request.method().name()) {
            case "POST", "PUT", "PATCH" -> true;
            default -> false;
        };
        return request.version() == HttpVersion.HTTP_2 && usual && !request.isEnded();
    }

    /** Why the first bytes of a body cannot be what its type says; null if nothing speaks against it, or nobody asks. */
    static @Nullable String content(HttpServerRequest request, PlainRoute route, Buffer first) {
        if (route.config().contentTypes().isEmpty()) {
            return null;
        }
        byte[] head = first.getBytes(0, Math.min(first.length(), Magic.NEEDED));
        String wrong = Magic.contradiction(request.getHeader(HttpHeaders.CONTENT_TYPE), head, head.length);
        return wrong == null ? null : "The body is refused: " + wrong + ".";
    }

    /** A body that nobody will read: short ones are dropped, long ones end with their connection. */
    static void unread(Exchange exchange) {
        HttpServerRequest request = exchange.request();
        if (request.isEnded()) {
            return;
        }
        long length = length(request);
        if (length < 0 || length > CHEAP_TO_DROP) {
            Edge.closeAfter(request);
        }
        request.resume();
    }

    static void unread(Exchange exchange, RequestBody body) {
        unread(exchange);
        body.drop();
    }
}
