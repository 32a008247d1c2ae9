package dev.penstock.gateway.guard;

import dev.penstock.common.bus.CallContext;
import dev.penstock.common.contract.SecurityContract.Kind;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.net.Addresses;
import dev.penstock.common.net.Cidr;
import dev.penstock.gateway.guard.policy.Cors;
import dev.penstock.gateway.guard.policy.Forwarded;
import dev.penstock.gateway.guard.policy.Offence;
import dev.penstock.gateway.guard.policy.Probes;
import dev.penstock.gateway.guard.policy.RuleSet;
import dev.penstock.gateway.guard.policy.RuleSet.Match;
import dev.penstock.gateway.http.ClientAddress;
import dev.penstock.gateway.http.Edge;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What every request meets before anything else is done for it: whose it is, whether that address may call, whether its
 * head is one honest clients send, and whether a page may read the answer. Without proxies, lists, blocks and CORS that
 * is a few look-ups. Safe for many event loops.
 */
public final class Door {
    private static final CharSequence FORWARDED_FOR = HttpHeaders.createOptimized("x-forwarded-for");
    private static final CharSequence FORWARDED_PROTO = HttpHeaders.createOptimized("x-forwarded-proto");
    private static final CharSequence FORWARDED = HttpHeaders.createOptimized("forwarded");
    private static final CharSequence REFERER = HttpHeaders.createOptimized("referer");
    private static final CharSequence ALLOW_ORIGIN = HttpHeaders.createOptimized("access-control-allow-origin");
    private static final CharSequence ALLOW_CREDENTIALS =
            HttpHeaders.createOptimized("access-control-allow-credentials");
    private static final CharSequence EXPOSE = HttpHeaders.createOptimized("access-control-expose-headers");
    private static final Duration BUDGET = Duration.ofSeconds(10);
    private static final int NOT_FOUND = 404;
    private static final int TOO_MANY = 429;
    /** What a request gets that is not as it should be. */
    private static final Set<Integer> INVALID = Set.of(400, 405, 411, 413, 414, 415, 422, 431);

    private final GuardTrail trail;
    private final Blocks blocks;
    private final RuleSet rules;
    private final Cors cors;
    private final Lists lists;
    private final boolean unlisted;

    /** The networks of the configuration. */
    record Lists(List<Cidr> trusted, List<Cidr> allow, List<Cidr> deny) {}

    Door(GuardTrail trail, Blocks blocks, RuleSet rules, Cors cors, Lists lists) {
        this.trail = trail;
        this.blocks = blocks;
        this.rules = rules;
        this.cors = cors;
        this.lists = lists;
        this.unlisted = lists.allow().isEmpty() && lists.deny().isEmpty();
    }

    /**
     * Lets a request in.
     *
     * @return the request to go on with, which knows its caller's address; null where it has been answered already
     */
    public @Nullable HttpServerRequest enter(HttpServerRequest arrived, long nowNanos) {
        HttpServerRequest request = lists.trusted().isEmpty() ? arrived : unproxied(arrived);
        if (cors.enabled()) {
            cors(request);
        }
        Fault refusal = refusal(request);
        if (refusal != null) {
            Edge.closeAfter(request);
            answer(request, refusal, nowNanos);
            hangUp(request);
            return null;
        }
        if (cors.enabled() && preflight(request, nowNanos)) {
            return null;
        }
        return request;
    }

    /**
     * An answer was given. To be told of all refusals of our own.
     *
     * @param subject the id of the caller's key, null where nobody knows who it is
     */
    public void answered(HttpServerRequest request, int status, @Nullable String subject) {
        if (INVALID.contains(status)) {
            trail.invalid(status);
        } else if (status == NOT_FOUND) {
            String path = request.path() == null ? "/" : request.path();
            String address = ClientAddress.of(request);
            Offence offence = Probes.is(path) ? Offence.PROBES : Offence.UNKNOWN_PATHS;
            blocks.offence(address, offence, path, correlation(request));
        } else if (status == TOO_MANY) {
            String path = request.path() == null ? "/" : request.path();
            trail.tell(
                    Kind.RATE_LIMITED,
                    subject == null ? "anonymous" : subject,
                    ClientAddress.of(request),
                    correlation(request),
                    path,
                    "limit reached");
        }
    }

    /** The id in the answer, where there is one already. */
    static String correlation(HttpServerRequest request) {
        String id = request.response().headers().get(Edge.REQUEST_ID);
        return id == null ? "unknown" : id;
    }

    private HttpServerRequest unproxied(HttpServerRequest request) {
        SocketAddress remote = request.remoteAddress();
        String peer = remote == null ? null : remote.hostAddress();
        byte[] bytes = peer == null ? null : Addresses.parse(peer);
        if (remote == null || peer == null || bytes == null || !Cidr.anyContains(lists.trusted(), bytes)) {
            return request;
        }
        MultiMap headers = request.headers();
        String client =
                Forwarded.client(peer, headers.getAll(FORWARDED_FOR), headers.getAll(FORWARDED), lists.trusted());
        String scheme = Forwarded.scheme(headers.get(FORWARDED_PROTO));
        return client.equals(peer) && scheme == null
                ? request
                : new ProxiedRequest((HttpServerRequestInternal) request, client, remote.port(), scheme);
    }

    private @Nullable Fault refusal(HttpServerRequest request) {
        // Nothing is blocked and nothing listed on most days: then the address is not even put into words.
        String reason = blocks.none() && unlisted ? null : listed(ClientAddress.of(request));
        if (reason != null) {
            trail.refused(reason);
            return Fault.of(FaultCode.FORBIDDEN, "This address may not call here.");
        }
        Fault shape = Framing.refusal(request);
        if (shape == null) {
            shape = shape(request.headers());
        }
        if (shape != null) {
            trail.refused("head");
            return shape;
        }
        String path = request.path() == null ? "/" : request.path();
        Match match = match(request, path);
        if (match == null) {
            return null;
        }
        trail.matched(match.type().label(), match.blocked());
        trail.tell(
                Kind.REQUEST_SUSPICIOUS,
                "anonymous",
                ClientAddress.of(request),
                given(request),
                match.type().label(),
                match.type().label() + " in " + match.where() + (match.blocked() ? ", refused" : ", let pass"));
        if (!match.blocked()) {
            return null;
        }
        trail.refused("rule");
        return Fault.of(
                FaultCode.FORBIDDEN,
                "The request's " + match.where() + " looks like an attack ("
                        + match.type().label()
                        + "). If it is not, protection.rules can make an exception for its path.");
    }

    private @Nullable String listed(String address) {
        if (blocks.find(Addresses.group(address)) != null) {
            return "blocked";
        }
        if (unlisted) {
            return null;
        }
        byte[] bytes = Addresses.parse(address);
        if (bytes == null) {
            return lists.allow().isEmpty() ? null : "not_allowed";
        }
        if (Cidr.anyContains(lists.deny(), bytes)) {
            return "denied";
        }
        return lists.allow().isEmpty() || Cidr.anyContains(lists.allow(), bytes) ? null : "not_allowed";
    }

    /** Two of these mean that somebody in between may read another one than we do. */
    private static @Nullable Fault shape(MultiMap headers) {
        if (twice(headers, HttpHeaders.AUTHORIZATION)) {
            return Fault.invalid("authorization", "There is more than one Authorization header; send one.");
        }
        if (twice(headers, HttpHeaders.CONTENT_TYPE)) {
            return Fault.invalid("content-type", "There is more than one Content-Type header; send one.");
        }
        return twice(headers, HttpHeaders.HOST)
                ? Fault.invalid("host", "There is more than one Host header; send one.")
                : null;
    }

    private static boolean twice(MultiMap headers, CharSequence name) {
        return headers.contains(name) && headers.getAll(name).size() > 1;
    }

    private @Nullable Match match(HttpServerRequest request, String path) {
        Match found = rules.line(path, request.query());
        if (found == null) {
            found = header(request, HttpHeaders.USER_AGENT, path);
        }
        return found == null ? header(request, REFERER, path) : found;
    }

    private @Nullable Match header(HttpServerRequest request, CharSequence name, String path) {
        String value = request.headers().get(name);
        return value == null ? null : rules.text(name.toString(), value, path);
    }

    private void cors(HttpServerRequest request) {
        MultiMap headers = request.response().headers();
        if (cors.varies()) {
            headers.add(HttpHeaders.VARY, "Origin");
        }
        String origin = request.headers().get(HttpHeaders.ORIGIN);
        String allowed = origin == null ? null : cors.allowOrigin(origin);
        if (allowed == null) {
            return;
        }
        headers.set(ALLOW_ORIGIN, allowed);
        headers.set(EXPOSE, cors.exposed());
        if (cors.credentials()) {
            headers.set(ALLOW_CREDENTIALS, "true");
        }
    }

    /** A browser asks before it sends; nobody is known then, so this goes before authentication. */
    private boolean preflight(HttpServerRequest request, long nowNanos) {
        String method = request.headers().get("access-control-request-method");
        String origin = request.headers().get(HttpHeaders.ORIGIN);
        if (!request.method().equals(HttpMethod.OPTIONS) || method == null || origin == null) {
            return false;
        }
        MultiMap headers = request.response().headers();
        boolean granted = cors.allowOrigin(origin) != null
                && cors.method(method)
                && cors.headers(request.headers().get("access-control-request-headers"));
        if (!granted) {
            headers.remove(ALLOW_ORIGIN).remove(EXPOSE).remove(ALLOW_CREDENTIALS);
            trail.refused("cors");
            answer(
                    request,
                    Fault.of(
                            FaultCode.FORBIDDEN,
                            "Pages of this origin may not send this request; see server.cors for origins, methods and"
                                    + " headers."),
                    nowNanos);
            return true;
        }
        CallContext call = Edge.enter(request, nowNanos, BUDGET);
        Edge.secure(request, call);
        headers.remove(EXPOSE)
                .set("access-control-allow-methods", cors.methodList())
                .set("access-control-allow-headers", cors.headerList())
                .set("access-control-max-age", cors.maxAge());
        request.response().setStatusCode(204).end();
        return true;
    }

    private static void answer(HttpServerRequest request, Fault fault, long nowNanos) {
        Edge.fail(request, Edge.enter(request, nowNanos, BUDGET), fault);
    }

    /** Where a body is on its way the client may not see the answer over a closed connection: that one ends when idle. */
    private static void hangUp(HttpServerRequest request) {
        MultiMap headers = request.headers();
        boolean body = headers.contains(HttpHeaders.CONTENT_LENGTH) || headers.contains(HttpHeaders.TRANSFER_ENCODING);
        if (!body && request.version() != HttpVersion.HTTP_2) {
            request.connection().close();
        }
    }

    /** Before the request has an id of ours, the one that it asks for, if any. */
    private static String given(HttpServerRequest request) {
        String id = request.headers().get(Edge.REQUEST_ID);
        return id == null || id.length() > 128 ? "unknown" : id;
    }
}
