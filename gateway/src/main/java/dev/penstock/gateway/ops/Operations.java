package dev.penstock.gateway.ops;

import dev.penstock.gateway.auth.AccessRole;
import dev.penstock.gateway.policy.OperationClass;
import io.vertx.core.http.HttpMethod;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Every operation that is not part of the AI API: the one table from which routes, the check of roles, limits and the
 * API's description derive. A path is matched whole; {@code {id}} stands for one segment and a final {@code *} for any rest.
 */
public enum Operations {
    // Health and figures
    HEALTH_SIMPLE(HttpMethod.GET, "/health/simple", null, Limit.NONE, "Whether this process answers at all."),
    HEALTH(HttpMethod.GET, "/health", null, Limit.HEALTH, "State of the whole system."),
    PERFORMANCE_HEALTH(HttpMethod.GET, "/api/performance/health", null, Limit.HEALTH, "State of the whole system."),
    METRICS(
            HttpMethod.GET,
            "/api/performance/metrics",
            AccessRole.ANALYST,
            Limit.METRICS,
            "Rate, errors and percentiles over a window, in total and by route."),
    // Cache
    CACHE_STATS(
            HttpMethod.GET,
            "/api/performance/cache/stats",
            AccessRole.ANALYST,
            Limit.CACHE_STATS,
            "Hits, misses and sizes of each cache tier and member."),
    CACHE_INVALIDATE(
            HttpMethod.POST,
            "/api/performance/cache/invalidate",
            AccessRole.ADMIN,
            Limit.CACHE_INVALIDATE,
            "Makes every tier forget answers."),
    // Batching
    POOLS(
            HttpMethod.GET,
            "/api/batching/pools",
            AccessRole.ANALYST,
            Limit.DEFAULT,
            "Pools with their instances, queues and batch sizes."),
    // Sessions and tokens
    SESSION_CREATE(
            HttpMethod.POST,
            "/api/auth/session",
            AccessRole.USER,
            Limit.ADMIN,
            "Turns a key or a token into a session cookie."),
    SESSION_READ(HttpMethod.GET, "/api/auth/session", AccessRole.USER, Limit.DEFAULT, "Who is signed in."),
    SESSION_DELETE(HttpMethod.DELETE, "/api/auth/session", null, Limit.DEFAULT, "Takes the session cookie away."),
    LOGIN(
            HttpMethod.POST,
            "/api/auth/login",
            null,
            Limit.ADMIN,
            "Signs in with name and password; answers an access and a refresh token."),
    TOKEN_REFRESH(
            HttpMethod.POST,
            "/api/auth/refresh",
            null,
            Limit.DEFAULT,
            "Gives new tokens for a refresh token, which works once."),
    LOGOUT(
            HttpMethod.POST,
            "/api/auth/logout",
            AccessRole.USER,
            Limit.DEFAULT,
            "Ends the session of an access token, on every gateway."),
    // Keys
    KEY_CREATE(HttpMethod.POST, "/api/admin/keys", AccessRole.ADMIN, Limit.ADMIN, "Makes a key and shows it once."),
    KEY_LIST(
            HttpMethod.GET, "/api/admin/keys", AccessRole.ADMIN, Limit.ADMIN, "All keys, without the keys themselves."),
    KEY_CHANGE(
            HttpMethod.PATCH,
            "/api/admin/keys/{id}",
            AccessRole.ADMIN,
            Limit.ADMIN,
            "Changes what a key may do; its secret stays."),
    KEY_ROTATE(
            HttpMethod.POST,
            "/api/admin/keys/{id}/rotate",
            AccessRole.ADMIN,
            Limit.ADMIN,
            "Gives a key a new secret and shows it once."),
    KEY_REVOKE(HttpMethod.DELETE, "/api/admin/keys/{id}", AccessRole.ADMIN, Limit.ADMIN, "Ends a key."),
    // Users and teams
    USER_CREATE(HttpMethod.POST, "/api/admin/users", AccessRole.ADMIN, Limit.ADMIN, "Makes a user."),
    USER_LIST(HttpMethod.GET, "/api/admin/users", AccessRole.ADMIN, Limit.ADMIN, "Users by name, page by page."),
    USER_CHANGE(
            HttpMethod.PATCH,
            "/api/admin/users/{id}",
            AccessRole.ADMIN,
            Limit.ADMIN,
            "Changes, disables or enables a user."),
    USER_DELETE(
            HttpMethod.DELETE,
            "/api/admin/users/{id}",
            AccessRole.ADMIN,
            Limit.ADMIN,
            "Deletes a user, and ends its sessions and keys."),
    TEAM_CREATE(HttpMethod.POST, "/api/admin/teams", AccessRole.ADMIN, Limit.ADMIN, "Makes a team."),
    TEAM_LIST(HttpMethod.GET, "/api/admin/teams", AccessRole.ADMIN, Limit.ADMIN, "Teams by name, page by page."),
    TEAM_CHANGE(
            HttpMethod.PATCH,
            "/api/admin/teams/{id}",
            AccessRole.ADMIN,
            Limit.ADMIN,
            "Changes, disables or enables a team."),
    TEAM_DELETE(
            HttpMethod.DELETE,
            "/api/admin/teams/{id}",
            AccessRole.ADMIN,
            Limit.ADMIN,
            "Deletes a team without members."),

    // Money: prices, budgets, usage
    COST(
            HttpMethod.GET,
            "/api/cost",
            AccessRole.ANALYST,
            Limit.DEFAULT,
            "What was spent, by model, key, user, team, tag or route; as CSV by Accept: text/csv."),
    COST_REQUEST(
            HttpMethod.GET,
            "/api/cost/requests/{id}",
            AccessRole.USER,
            Limit.DEFAULT,
            "What one request cost, attempt by attempt; others' requests are for analysts."),
    BUDGET_LIST(
            HttpMethod.GET,
            "/api/admin/budgets",
            AccessRole.ADMIN,
            Limit.ADMIN,
            "All budgets and what is left of them."),
    BUDGET_CREATE(HttpMethod.POST, "/api/admin/budgets", AccessRole.ADMIN, Limit.ADMIN, "Makes a budget."),
    BUDGET_READ(HttpMethod.GET, "/api/admin/budgets/{id}", AccessRole.ADMIN, Limit.ADMIN, "One budget."),
    BUDGET_REPLACE(HttpMethod.PUT, "/api/admin/budgets/{id}", AccessRole.ADMIN, Limit.ADMIN, "Changes a budget."),
    BUDGET_DELETE(HttpMethod.DELETE, "/api/admin/budgets/{id}", AccessRole.ADMIN, Limit.ADMIN, "Removes a budget."),

    // Protection: blocks
    BLOCK_LIST(HttpMethod.GET, "/api/admin/blocks", AccessRole.ADMIN, Limit.ADMIN, "Addresses that may not call now."),
    BLOCK_CREATE(
            HttpMethod.POST,
            "/api/admin/blocks",
            AccessRole.ADMIN,
            Limit.ADMIN,
            "Blocks an address or a network, for a time or until it is lifted."),
    BLOCK_DELETE(
            HttpMethod.DELETE, "/api/admin/blocks", AccessRole.ADMIN, Limit.ADMIN, "Lifts the block of ?address=…"),

    // Audit and privacy
    AUDIT_LIST(HttpMethod.GET, "/api/admin/audit", AccessRole.ADMIN, Limit.ADMIN, "The audit trail, newest first."),
    AUDIT_VERIFY(
            HttpMethod.GET,
            "/api/admin/audit/verify",
            AccessRole.ADMIN,
            Limit.ADMIN,
            "Whether the audit trail is as it was written."),
    PRIVACY_EXPORT(
            HttpMethod.GET,
            "/api/privacy/{subject}/export",
            AccessRole.ADMIN,
            Limit.ADMIN,
            "All that is known of a user or key."),
    PRIVACY_ANONYMISE(
            HttpMethod.POST,
            "/api/privacy/{subject}/anonymise",
            AccessRole.ADMIN,
            Limit.ADMIN,
            "Takes a user's or key's identifiers away and leaves the counts."),
    PRIVACY_ERASE(HttpMethod.DELETE, "/api/privacy/{subject}", AccessRole.ADMIN, Limit.ADMIN, "Erases a user or key."),

    // Configuration
    CONFIG_READ(
            HttpMethod.GET,
            "/api/admin/config",
            AccessRole.ADMIN,
            Limit.ADMIN,
            "The configuration in force, without secrets."),
    CONFIG_RELOAD(
            HttpMethod.POST,
            "/api/admin/config/reload",
            AccessRole.ADMIN,
            Limit.ADMIN,
            "Has every process read its configuration again."),

    // Routes, registry, aggregation
    REGISTRY_LIST(
            HttpMethod.GET,
            "/api/registry",
            AccessRole.ANALYST,
            Limit.DEFAULT,
            "Pools of plain services with the state of each instance, and what registered itself."),
    REGISTRY_PUT(
            HttpMethod.POST,
            "/api/registry/{pool}",
            AccessRole.ANALYST,
            Limit.REGISTRY,
            "Registers an instance, or renews its lease."),
    REGISTRY_DELETE(
            HttpMethod.DELETE,
            "/api/registry/{pool}/{id}",
            AccessRole.ANALYST,
            Limit.REGISTRY,
            "Takes a registered instance out."),
    AGGREGATE(
            HttpMethod.POST,
            "/api/aggregate",
            AccessRole.USER,
            Limit.DEFAULT,
            "Runs up to 16 GETs to plain routes and below /v1 at once; each is admitted and answered for itself."),

    // Alerts
    ALERT_LIST(HttpMethod.GET, "/api/alerts", AccessRole.ANALYST, Limit.DEFAULT, "Alerts, newest first."),
    ALERT_STREAM(
            HttpMethod.GET, "/api/alerts/stream", AccessRole.USER, Limit.DEFAULT, "Alerts as they happen (WebSocket)."),
    ALERT_EVENTS(
            HttpMethod.GET,
            "/api/alerts/events",
            AccessRole.USER,
            Limit.DEFAULT,
            "Alerts as they happen (server-sent events)."),
    ALERT_ACKNOWLEDGE(
            HttpMethod.POST,
            "/api/alerts/{id}/ack",
            AccessRole.ANALYST,
            Limit.DEFAULT,
            "Says that somebody takes care of an alert."),
    // Monitoring
    MONITOR_STREAM(
            HttpMethod.GET,
            "/api/monitor/stream",
            AccessRole.USER,
            Limit.DEFAULT,
            "Figures of the whole system once a second (WebSocket)."),
    // Pages
    DOCS(HttpMethod.GET, "/docs", null, Limit.NONE, "A page on which the API can be read and tried."),
    DOCS_FILES(HttpMethod.GET, "/docs/*", null, Limit.NONE, "The files of that page."),
    OPENAPI(HttpMethod.GET, "/openapi.json", null, Limit.NONE, "The API as an OpenAPI 3.1 document."),
    DASHBOARD(HttpMethod.GET, "/dashboard", null, Limit.NONE, "The dashboard."),
    DASHBOARD_FILES(HttpMethod.GET, "/dashboard/*", null, Limit.NONE, "The dashboard's pages and files."),
    DASHBOARD_ALIAS(
            HttpMethod.GET,
            "/optimization/performance/dashboard",
            null,
            Limit.NONE,
            "The dashboard under its other name.");

    /** What an operation's calls are counted under: the limits of that name, shipped or of the configuration. */
    public enum Limit {
        /** Not counted. */
        NONE,
        /** By address, since nobody has to say who they are. */
        HEALTH,
        METRICS,
        CACHE_STATS,
        CACHE_INVALIDATE,
        /** Heartbeats of many instances with one key. */
        REGISTRY,
        ADMIN,
        DEFAULT;

        /** As in the configuration: {@code cache-stats}. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /** Whose limits hold where there are none of that name. */
        public OperationClass operationClass() {
            return this == ADMIN ? OperationClass.ADMIN : OperationClass.DEFAULT;
        }
    }

    /** By name, since the type itself is not marked as immutable. */
    private final String method;

    private final String path;
    private final @Nullable AccessRole role;
    private final Limit limit;
    private final String summary;

    Operations(HttpMethod method, String path, @Nullable AccessRole role, Limit limit, String summary) {
        this.method = method.name();
        this.path = path;
        this.role = role;
        this.limit = limit;
        this.summary = summary;
    }

    public HttpMethod method() {
        return HttpMethod.valueOf(method);
    }

    /** As in the API's description. */
    public String path() {
        return path;
    }

    /** The least role that may call it; null where anybody may. */
    public @Nullable AccessRole role() {
        return role;
    }

    public Limit limit() {
        return limit;
    }

    public String summary() {
        return summary;
    }

    /** Whether a request for that path means this operation, its method aside. */
    public boolean matches(String requestPath) {
        String[] pattern = path.split("/", -1);
        String[] actual = requestPath.split("/", -1);
        boolean open = path.endsWith("/*");
        if (open ? actual.length < pattern.length : actual.length != pattern.length) {
            return false;
        }
        for (int i = 0; i < pattern.length - (open ? 1 : 0); i++) {
            if (!pattern[i].equals(actual[i]) && !(pattern[i].startsWith("{") && !actual[i].isEmpty())) {
                return false;
            }
        }
        return true;
    }
}
