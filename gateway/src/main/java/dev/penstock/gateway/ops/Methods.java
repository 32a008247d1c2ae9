package dev.penstock.gateway.ops;

import io.vertx.core.http.HttpMethod;
import java.util.EnumSet;
import java.util.Set;
import java.util.TreeSet;

/** Which methods a path has. */
final class Methods {
    /** What has no end has no head of its own either. */
    private static final Set<Operations> STREAMS =
            EnumSet.of(Operations.ALERT_STREAM, Operations.ALERT_EVENTS, Operations.MONITOR_STREAM);

    private Methods() {}

    /** Whether the operation can be asked for its headers alone. */
    static boolean hasHead(Operations operation) {
        return operation.method().equals(HttpMethod.GET) && !STREAMS.contains(operation);
    }

    /** As in an {@code Allow} header; empty where the path does not exist. */
    static String allowed(String path) {
        var names = new TreeSet<String>();
        for (Operations operation : Operations.values()) {
            if (operation.matches(path)) {
                names.add(operation.method().name());
                if (hasHead(operation)) {
                    names.add(HttpMethod.HEAD.name());
                }
            }
        }
        if (!names.isEmpty()) {
            names.add(HttpMethod.OPTIONS.name());
        }
        return String.join(", ", names);
    }
}
