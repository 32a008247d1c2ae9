package dev.penstock.gateway.ops;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.gateway.ops.Bundle.Asset;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import java.util.function.Supplier;

/** The dashboard's page and files. Anybody may have them: what they show needs a session. */
final class DashboardOperations {
    private static final String PREFIX = "/dashboard/";
    private static final String ASSETS = "assets/";

    private final Supplier<Bundle> bundle;

    DashboardOperations(Supplier<Bundle> bundle) {
        this.bundle = bundle;
    }

    void register(Map<Operations, OperationHandler> handlers) {
        handlers.put(Operations.DASHBOARD, call -> index(call.request()));
        handlers.put(Operations.DASHBOARD_ALIAS, call -> index(call.request()));
        handlers.put(Operations.DASHBOARD_FILES, this::file);
    }

    private Future<Answer> file(OpsCall call) {
        String path = call.request().path();
        String name = path == null || !path.startsWith(PREFIX) ? "" : path.substring(PREFIX.length());
        Asset asset = bundle.get().find(name);
        if (asset != null && !name.equals("index.html")) {
            boolean hashed = name.startsWith(ASSETS);
            return FileAnswer.of(call.request(), asset, hashed ? "public, max-age=31536000, immutable" : "no-cache");
        }
        if (name.startsWith(ASSETS)) {
            // An old page asks for a file of an old version: an HTML page in its place would only confuse it.
            return Future.failedFuture(Fault.of(FaultCode.NOT_FOUND, "There is no such file; load the page again."));
        }
        return index(call.request());
    }

    private Future<Answer> index(HttpServerRequest request) {
        Asset index = bundle.get().index();
        return index == null
                ? Future.failedFuture(Fault.of(FaultCode.NOT_FOUND, "This build has no dashboard."))
                : FileAnswer.of(request, index, "no-cache");
    }
}
