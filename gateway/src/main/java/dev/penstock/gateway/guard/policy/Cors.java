package dev.penstock.gateway.guard.policy;

import dev.penstock.common.config.CorsConfig;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which pages may read our answers (the Fetch standard's CORS protocol). Pure and immutable. */
public final class Cors {
    /** What Penstock says in headers and a page may want to read. */
    static final List<String> OWN = List.of(
            "x-request-id",
            "traceparent",
            "cache-status",
            "age",
            "idempotent-replayed",
            "server-timing",
            "ratelimit",
            "ratelimit-policy",
            "x-ratelimit-limit-requests",
            "x-ratelimit-remaining-requests",
            "x-ratelimit-reset-requests",
            "x-ratelimit-limit-tokens",
            "x-ratelimit-remaining-tokens",
            "x-ratelimit-reset-tokens",
            "retry-after",
            "retry-after-ms",
            "x-should-retry",
            "x-penstock-model",
            "x-penstock-instance",
            "x-penstock-attempts",
            "x-penstock-batch-size",
            "x-penstock-cost",
            "openai-processing-ms",
            "openai-version",
            "request-id",
            "location",
            "content-disposition");

    private final boolean enabled;
    private final boolean anyOrigin;
    private final boolean anyHeader;
    private final Set<String> origins;
    private final Set<String> methods;
    private final Set<String> headers;
    private final String methodList;
    private final String headerList;
    private final String exposed;
    private final boolean credentials;
    private final String maxAge;

    public Cors(CorsConfig config) {
        this.enabled = !config.origins().isEmpty();
        this.anyOrigin = config.origins().contains("*");
        this.anyHeader = config.headers().contains("*");
        this.origins = lower(config.origins());
        this.methods = Set.copyOf(config.methods());
        this.headers = lower(config.headers());
        this.methodList = String.join(", ", config.methods());
        this.headerList = String.join(", ", config.headers());
        Set<String> all = new LinkedHashSet<>(OWN);
        all.addAll(lower(config.exposedHeaders()));
        this.exposed = String.join(", ", all);
        this.credentials = config.credentials();
        this.maxAge = Long.toString(config.maxAge().toSeconds());
    }

    private static Set<String> lower(List<String> texts) {
        Set<String> lower = new LinkedHashSet<>();
        texts.forEach(text -> lower.add(text.toLowerCase(Locale.ROOT)));
        return lower;
    }

    /** False where there is nothing to do for any request. */
    public boolean enabled() {
        return enabled;
    }

    /** The value of {@code Access-Control-Allow-Origin}, or null for a page that may not read answers. */
    public @Nullable String allowOrigin(String origin) {
        if (anyOrigin) {
            return "*";
        }
        return origins.contains(origin.toLowerCase(Locale.ROOT)) ? origin : null;
    }

    /** Whether answers differ by origin, which caches must know. */
    public boolean varies() {
        return !anyOrigin;
    }

    public boolean method(String name) {
        return methods.contains(name);
    }

    /** @param list as in {@code Access-Control-Request-Headers}; null for none */
    public boolean headers(@Nullable String list) {
        if (list == null || anyHeader) {
            return true;
        }
        for (String name : list.split(",", -1)) {
            String stripped = name.strip().toLowerCase(Locale.ROOT);
            if (!stripped.isEmpty() && !headers.contains(stripped)) {
                return false;
            }
        }
        return true;
    }

    public String methodList() {
        return methodList;
    }

    public String headerList() {
        return headerList;
    }

    public String exposed() {
        return exposed;
    }

    public boolean credentials() {
        return credentials;
    }

    /** In seconds. */
    public String maxAge() {
        return maxAge;
    }
}
