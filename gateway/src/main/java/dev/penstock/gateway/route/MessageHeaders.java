package dev.penstock.gateway.route;

import dev.penstock.common.bus.CallContext;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.http.ClientAddress;
import dev.penstock.gateway.route.policy.HeaderTemplate.Variable;
import dev.penstock.gateway.route.policy.HopHeaders;
import dev.penstock.gateway.route.policy.RouteTarget;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The headers of both directions (RFC 9110 §7.6): what is passed on, what is taken away, what an intermediary adds. */
final class MessageHeaders {
    private static final CharSequence VIA = HttpHeaders.createOptimized("via");
    private static final CharSequence TE = HttpHeaders.createOptimized("te");
    private static final String NAME = " penstock";
    private static final String OWN = "x-penstock-";
    private static final Set<String> FORWARDING = Set.of(
            "forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-port", "x-real-ip");
    /** Ours are the true ones: the request's identity is made at this edge. */
    private static final Set<String> IDENTITY = Set.of("x-request-id", "traceparent");
    /** Defaults of ours that a page of somebody else's must not inherit. */
    private static final Set<String> NOT_THEIRS = Set.of("content-security-policy", "cache-control");

    private MessageHeaders() {}

    /** What the upstream gets, before the route's own rules; without the framing of the body. */
    static MultiMap forUpstream(Exchange exchange, RouteTarget target, boolean upgrade) {
        HttpServerRequest request = exchange.request();
        MultiMap from = request.headers();
        MultiMap to = HttpHeaders.headers();
        Set<String> hop = HopHeaders.of(from.getAll(HttpHeaders.CONNECTION));
        for (Map.Entry<String, String> header : from) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            boolean ours = name.startsWith(OWN) || name.startsWith(":") || IDENTITY.contains(name);
            if (!ours
                    && !hop.contains(name)
                    && !FORWARDING.contains(name)
                    && !name.equals("host")
                    && !name.equals("content-length")) {
                to.add(header.getKey(), header.getValue());
            }
        }
        if (!target.route().config().auth().forwardCredentials()) {
            Credentials.strip(to, target.route().open());
        }
        if (upgrade) {
            Credentials.stripProtocols(to);
            to.set(HttpHeaders.CONNECTION, HttpHeaders.UPGRADE).set(HttpHeaders.UPGRADE, "websocket");
        } else if (trailers(from)) {
            to.set(TE, "trailers").set(HttpHeaders.CONNECTION, "te");
        }
        origin(exchange, target, to);
        return to;
    }

    private static void origin(Exchange exchange, RouteTarget target, MultiMap to) {
        HttpServerRequest request = exchange.request();
        CallContext call = exchange.call();
        to.set("x-request-id", call.correlationId());
        if (call.traceparent() != null) {
            to.set("traceparent", call.traceparent());
        }
        to.add(VIA, version(request.version()) + NAME);
        String address = ClientAddress.of(request);
        String scheme = request.isSSL() ? "https" : "http";
        String node = address.indexOf(':') >= 0 ? "\"[" + address + "]\"" : address;
        StringBuilder forwarded =
                new StringBuilder("for=").append(node).append(";proto=").append(scheme);
        if (!target.host().isEmpty()) {
            to.set("x-forwarded-host", target.host());
            forwarded.append(";host=\"").append(target.host()).append('"');
        }
        to.set("forwarded", forwarded.toString());
        to.set("x-forwarded-for", address);
        to.set("x-forwarded-proto", scheme);
    }

    /** Puts an upstream's headers on the answer, over our defaults. */
    static void forCaller(MultiMap from, MultiMap to, HttpVersion upstream) {
        Set<String> hop = HopHeaders.of(from.getAll(HttpHeaders.CONNECTION));
        NOT_THEIRS.forEach(to::remove);
        for (String name : from.names()) {
            if (passes(name, hop) && !name.equalsIgnoreCase("server-timing")) {
                to.remove(name);
            }
        }
        for (Map.Entry<String, String> header : from) {
            if (passes(header.getKey(), hop)) {
                to.add(header.getKey(), header.getValue());
            }
        }
        to.add(VIA, version(upstream) + NAME);
    }

    private static boolean passes(String header, Set<String> hop) {
        String name = header.toLowerCase(Locale.ROOT);
        return !hop.contains(name)
                && !IDENTITY.contains(name)
                && !name.startsWith(OWN)
                && !name.startsWith("ratelimit");
    }

    private static boolean trailers(MultiMap from) {
        for (String value : from.getAll(TE)) {
            if (value.toLowerCase(Locale.ROOT).contains("trailers")) {
                return true;
            }
        }
        return false;
    }

    /** What a variable of the route's rules stands for. */
    static String value(Variable variable, Exchange exchange, RouteTarget target, String upstream) {
        return switch (variable) {
            case REQUEST_ID -> exchange.call().correlationId();
            case CLIENT_ADDRESS -> ClientAddress.of(exchange.request());
            case ROUTE -> target.route().name();
            case KEY_ID -> exchange.principal().keyId();
            case USER -> orEmpty(exchange.principal().user());
            case TEAM -> orEmpty(exchange.principal().team());
            case TENANT -> exchange.principal().tenant();
            case ROLE -> exchange.principal().role().label();
            case SCHEME -> exchange.request().isSSL() ? "https" : "http";
            case METHOD -> exchange.request().method().name();
            case UPSTREAM -> upstream;
        };
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static String version(HttpVersion version) {
        return switch (version) {
            case HTTP_1_0 -> "1.0";
            case HTTP_1_1 -> "1.1";
            default -> "2.0";
        };
    }
}
