package dev.penstock.gateway.route.policy;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the route of a path: the longest prefix wins, whole segments only, and a route of a host before one of any host.
 * One walk over the path's segments, whatever the number of routes. Immutable.
 *
 * @param <R> what stands for a route
 */
public final class RouteTable<R> {
    /** First segments that are the gateway's own. */
    public static final List<String> RESERVED =
            List.of("v1", "api", "health", "docs", "dashboard", "alertmanager", "optimization");

    private final Map<String, Node<R>> byHost = new HashMap<>();
    private final Node<R> anyHost = new Node<>();

    /** @param host empty for all hosts */
    public record Entry<R>(String host, String prefix, R route) {}

    private static final class Node<R> {
        private final Map<String, Node<R>> next = HashMap.newHashMap(2);
        private @Nullable R route;
    }

    public RouteTable(List<Entry<R>> entries) {
        for (Entry<R> entry : entries) {
            Node<R> node = entry.host().isEmpty()
                    ? anyHost
                    : byHost.computeIfAbsent(entry.host().toLowerCase(Locale.ROOT), host -> new Node<>());
            for (String segment : segments(entry.prefix())) {
                node = node.next.computeIfAbsent(segment, name -> new Node<>());
            }
            node.route = entry.route();
        }
    }

    /** Whether the gateway keeps paths of that first segment for itself. */
    public static boolean reserved(String path) {
        int end = path.indexOf('/', 1);
        return RESERVED.contains(path.substring(Math.min(1, path.length()), end < 0 ? path.length() : end));
    }

    /**
     * The route of a path, or null.
     *
     * @param host without port, in any case
     * @param path as {@link RequestPath#normalise} left it
     */
    public @Nullable R find(@Nullable String host, String path) {
        if (reserved(path)) {
            return null;
        }
        if (host != null && !byHost.isEmpty()) {
            Node<R> own = byHost.get(host.toLowerCase(Locale.ROOT));
            R found = own == null ? null : walk(own, path);
            if (found != null) {
                return found;
            }
        }
        return walk(anyHost, path);
    }

    private @Nullable R walk(Node<R> root, String path) {
        Node<R> node = root;
        R found = root.route;
        int from = 1;
        while (from <= path.length() && !node.next.isEmpty()) {
            int slash = path.indexOf('/', from);
            Node<R> next = node.next.get(path.substring(from, slash < 0 ? path.length() : slash));
            if (next == null) {
                return found;
            }
            node = next;
            found = node.route == null ? found : node.route;
            if (slash < 0) {
                return found;
            }
            from = slash + 1;
        }
        return found;
    }

    private static List<String> segments(String prefix) {
        String bare = prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix;
        return bare.isEmpty() ? List.of() : List.of(bare.substring(1).split("/", -1));
    }
}
