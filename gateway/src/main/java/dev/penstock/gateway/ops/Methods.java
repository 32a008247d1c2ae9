package dev.penstock.gateway.ops;

import io.vertx.core.http.HttpMethod;
import java.util.TreeSet;

/** Which methods a path has. */
final class Methods {
    private Methods() {}

    /** As in an {@code Allow} header; empty where the path does not exist. */
    static String allowed(String path) {
        var names = new TreeSet<String>();
        for (Operations operation : Operations.values()) {
            if (operation.matches(path)) {
                names.add(operation.method().name());
                if (operation.method().equals(HttpMethod.GET)) {
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
