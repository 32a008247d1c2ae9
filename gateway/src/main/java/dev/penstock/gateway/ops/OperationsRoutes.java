package dev.penstock.gateway.ops;

import dev.penstock.common.bus.CallContext;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.pool.Pools;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.gateway.aggregate.Aggregation;
import dev.penstock.gateway.audit.Audit;
import dev.penstock.gateway.audit.AuditReader;
import dev.penstock.gateway.auth.AccessRole;
import dev.penstock.gateway.auth.Auth;
import dev.penstock.gateway.auth.AuthResult;
import dev.penstock.gateway.auth.Principal;
import dev.penstock.gateway.guard.Blocks;
import dev.penstock.gateway.http.Edge;
import dev.penstock.gateway.money.MoneyParts;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the table of operations on a router: who calls, may they, not too often, then the operation, then one form of
 * answer. Made once per process; {@link #mount} is called by each event loop's server.
 */
public final class OperationsRoutes {
    private static final Logger log = LoggerFactory.getLogger(OperationsRoutes.class);
    private static final Set<HttpMethod> BODIES = Set.of(HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH);
    private static final String SUBJECT = "subject";
    private static final long MAX_BODY = 64 * 1024;
    private static final Duration BUDGET = Duration.ofSeconds(10);

    private final ServiceContext context;
    private final Auth auth;
    private final Admission admission;
    private final OpsTelemetry telemetry;
    private final Handlers handlers;

    /**
     * Prepares everything; nothing runs before {@link #start}.
     *
     * @param auth started by the owner of the process
     * @param pools the plain services' instances; opened and closed by the owner of the process
     * @param audit where changes and privacy actions are kept
     * @param trail the same, for reading
     * @param money started by the owner of the process
     * @param blocks of the guard, started by the owner of the process
     */
    public OperationsRoutes(
            ServiceContext context,
            Auth auth,
            Audit audit,
            MoneyParts money,
            Pools pools,
            Admission admission,
            NearCacheFigures nearCache,
            AuditReader trail,
            Blocks blocks) {
        this.context = context;
        this.auth = auth;
        this.admission = admission;
        this.telemetry = new OpsTelemetry(context.telemetry());
        this.handlers = new Handlers(context, auth, audit, money, pools, nearCache, trail, blocks);
    }

    /** What the server must be set to for the streams: the handlers choose the subprotocol. */
    public static HttpServerOptions configure(HttpServerOptions options) {
        return options.setWebSocketSubProtocols(List.of("*"));
    }

    /** Subscribes to what the streams pass on, and reads the dashboard's files. */
    public Future<Void> start() {
        return handlers.start();
    }

    /** Tells the streams' clients to go elsewhere, and stops the timers. */
    public Future<Void> stop() {
        return handlers.stop();
    }

    /**
     * Adds the routes. The AI API's routes are somebody else's; what is below {@code /api} and unknown is refused here.
     *
     * @param gateway answers a request for a plain route or below {@code /v1}, on the router's event loop
     */
    public void mount(Router router, Consumer<HttpServerRequest> gateway) {
        Map<Operations, OperationHandler> all = handlers.all(new Aggregation(context.vertx(), gateway));
        for (Operations operation : Operations.values()) {
            OperationHandler handler = all.get(operation);
            if (handler == null) {
                throw new IllegalStateException("nothing does " + operation);
            }
            mount(router, operation, handler);
        }
        router.route("/api/*").handler(routing -> unmatched(routing.request()));
        router.route("/health*").handler(routing -> unmatched(routing.request()));
        router.route("/dashboard*").handler(routing -> unmatched(routing.request()));
    }

    private void mount(Router router, Operations operation, OperationHandler handler) {
        String path = operation.path().replaceAll("\\{(\\w+)}", ":$1");
        Route route = router.route(path).method(operation.method());
        if (Methods.hasHead(operation)) {
            route.method(HttpMethod.HEAD);
        }
        if (BODIES.contains(operation.method())) {
            route.handler(BodyHandler.create(false).setBodyLimit(MAX_BODY))
                    .failureHandler(routing -> refuse(routing, routing.failure()));
        }
        route.handler(routing -> call(routing, operation, handler));
    }

    private void refuse(RoutingContext routing, @Nullable Throwable cause) {
        boolean large = routing.statusCode() == FaultCode.TOO_LARGE.status();
        Fault fault = large
                ? Fault.of(FaultCode.TOO_LARGE, "The body is larger than " + MAX_BODY + " bytes.")
                : fault(cause == null ? new IllegalStateException("status " + routing.statusCode()) : cause);
        HttpServerRequest request = routing.request();
        Edge.fail(request, Edge.enter(request, context.ticker().nanos(), BUDGET), fault);
    }

    private void call(RoutingContext routing, Operations operation, OperationHandler handler) {
        HttpServerRequest request = routing.request();
        long started = context.ticker().nanos();
        CallContext call = Edge.enter(request, started, BUDGET);
        Edge.secure(request, call);
        enter(routing, operation, call)
                .compose(entered -> handle(handler, entered))
                .onComplete(result -> {
                    respond(request, call, result);
                    int status = result.succeeded()
                            ? status(result.result())
                            : fault(result.cause()).status();
                    telemetry.record(operation, status, context.ticker().nanos() - started);
                });
    }

    private Future<OpsCall> enter(RoutingContext routing, Operations operation, CallContext call) {
        Principal principal = null;
        AccessRole needed = operation.role();
        if (needed != null) {
            switch (auth.authenticator().authenticate(routing.request())) {
                case AuthResult.Rejected rejected -> {
                    return Future.failedFuture(rejected.fault());
                }
                case AuthResult.Authenticated authenticated -> principal = authenticated.principal();
            }
            routing.put(SUBJECT, principal.keyId());
            if (!principal.role().covers(needed)) {
                auth.trail().denied(routing.request(), principal, operation.name());
                return Future.failedFuture(denied(needed, principal));
            }
        }
        OpsCall entered = new OpsCall(routing, call, principal);
        if (operation.limit() == Operations.Limit.NONE) {
            return Future.succeededFuture(entered);
        }
        return admission.admit(operation, routing.request(), principal).map(entered);
    }

    /** The id of who calls, where that is known already; null else. */
    public static @Nullable String subject(RoutingContext routing) {
        return routing.get(SUBJECT);
    }

    private static Fault denied(AccessRole needed, Principal principal) {
        return Fault.of(
                FaultCode.FORBIDDEN,
                "This needs the role " + needed.label() + "; this key has "
                        + principal.role().label() + ".");
    }

    private Future<Answer> handle(OperationHandler handler, OpsCall call) {
        try {
            long left =
                    call.context().deadline().remainingMillis(context.ticker().nanos());
            return handler.handle(call).timeout(Math.max(1, left), TimeUnit.MILLISECONDS);
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }

    private static void respond(HttpServerRequest request, CallContext call, AsyncResult<Answer> result) {
        if (result.failed()) {
            Edge.fail(request, call, fault(result.cause()));
            return;
        }
        if (result.result() instanceof Answer.Whole answer
                && !request.response().closed()) {
            HttpServerResponse response = request.response().setStatusCode(answer.status());
            answer.headers().forEach(response::putHeader);
            if (answer.body() == null) {
                response.end();
            } else {
                response.end(answer.body());
            }
        }
    }

    private static int status(Answer answer) {
        return answer instanceof Answer.Whole whole ? whole.status() : 200;
    }

    private static Fault fault(Throwable cause) {
        Fault fault = Fault.from(cause);
        if (fault.code() == FaultCode.INTERNAL && !(cause instanceof Fault)) {
            log.error("an operation failed", cause);
        }
        return fault;
    }

    /** Nothing serves this: say whether the path or the method is wrong. */
    private void unmatched(HttpServerRequest request) {
        CallContext call = Edge.enter(request, context.ticker().nanos(), BUDGET);
        String path = request.path() == null ? "/" : request.path();
        String allowed = Methods.allowed(path);
        if (allowed.isEmpty()) {
            Edge.fail(request, call, Fault.of(FaultCode.NOT_FOUND, "There is no " + path + "; see /docs."));
            return;
        }
        request.response().putHeader("allow", allowed);
        if (request.method().equals(HttpMethod.OPTIONS)) {
            Edge.secure(request, call);
            request.response().setStatusCode(204).end();
            return;
        }
        Edge.fail(
                request,
                call,
                Fault.of(
                        FaultCode.METHOD_NOT_ALLOWED,
                        request.method().name() + " is not possible on " + path + "; possible are " + allowed + "."));
    }
}
