package dev.penstock.gateway.route.policy;

/**
 * A plain route and where below it a request goes.
 *
 * @param path as it was matched: one form, beginning with the route's prefix
 * @param query with its question mark, or empty; as it came
 * @param host that the caller asked for, without port; may be empty
 */
public record RouteTarget(PlainRoute route, String path, String query, String host) {
    /** What the upstream is asked for, below its base URL. */
    public String upstreamPath() {
        return route.rewrite().apply(path) + query;
    }
}
