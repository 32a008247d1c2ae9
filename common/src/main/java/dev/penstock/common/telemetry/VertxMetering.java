package dev.penstock.common.telemetry;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.micrometer.Label;
import io.vertx.micrometer.MetricsDomain;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.util.EnumSet;
import java.util.Set;

/**
 * Vert.x's own metrics in the same registry: pools, clients, event bus, JVM. Whoever makes the Vert.x of a process
 * starts with {@link #builder}.
 */
public final class VertxMetering {
    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE");
    private static final int MAX_ROUTES = 200;

    private VertxMetering() {}

    /** A builder whose Vert.x reports to {@code telemetry}; sets the metrics options of {@code options}. */
    public static VertxBuilder builder(VertxOptions options, MicrometerTelemetry telemetry) {
        return Vertx.builder().with(options.setMetricsOptions(options())).withMetrics(factory(telemetry));
    }

    /** The factory alone, for a builder that is made elsewhere; it needs {@link #options()} in its Vert.x options. */
    public static MicrometerMetricsFactory factory(MicrometerTelemetry telemetry) {
        return new MicrometerMetricsFactory(telemetry.registry());
    }

    /**
     * Labels with few values only: a route's pattern, never a path, and no address of a peer. The HTTP server is left
     * out, since the gateway counts its requests under names and classes of its own.
     */
    public static MicrometerMetricsOptions options() {
        return new MicrometerMetricsOptions()
                .setEnabled(true)
                .setJvmMetricsEnabled(true)
                .addDisabledMetricsCategory(MetricsDomain.HTTP_SERVER)
                .addDisabledMetricsCategory(MetricsDomain.DATAGRAM_SOCKET)
                // Without the peers' addresses its gauges would show one client and leave out the others.
                .addDisabledMetricsCategory(MetricsDomain.NET_CLIENT)
                .setLabels(EnumSet.of(
                        Label.HTTP_METHOD,
                        Label.HTTP_CODE,
                        Label.HTTP_ROUTE,
                        Label.POOL_TYPE,
                        Label.POOL_NAME,
                        Label.EB_SIDE,
                        Label.EB_FAILURE));
    }

    /** Bounds what libraries may add; must be set before the first meter is made. */
    static void bound(MeterRegistry registry) {
        registry.config()
                .meterFilter(MeterFilter.replaceTagValues("method", VertxMetering::knownMethod))
                .meterFilter(MeterFilter.maximumAllowableTags("vertx", "route", MAX_ROUTES, MeterFilter.deny()));
    }

    /** A client may send any word as its method. */
    private static String knownMethod(String method) {
        return METHODS.contains(method) ? method : "other";
    }
}
