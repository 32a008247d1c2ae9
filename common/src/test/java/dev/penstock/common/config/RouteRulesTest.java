package dev.penstock.common.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a route may not say, each told with its place. */
class RouteRulesTest {
    private static final String POOL = "pool: {instances: [{url: 'http://127.0.0.1:1'}]}";

    private static String errors(String routes) {
        return switch (ConfigLoader.parse("routes:\n" + routes, Map.of())) {
            case ConfigResult.Loaded good -> "";
            case ConfigResult.Rejected bad -> bad.errors().toString();
        };
    }

    private static String one(String more) {
        return errors("  - {name: a, prefix: /a, " + POOL + ", " + more + "}\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1", "/api/x", "/health", "/docs", "/dashboard", "/alertmanager/api", "/optimization"})
    void keepsTheGatewaysOwnPaths(String prefix) {
        assertThat(errors("  - {name: a, prefix: " + prefix + ", " + POOL + "}\n"))
                .contains("keeps", "prefix");
    }

    @ParameterizedTest
    @ValueSource(strings = {"shop", "/a//b", "/a/../b", "/a%20b", "/a;b", "/a?b", "''"})
    void wantsPrefixesInTheOneForm(String prefix) {
        assertThat(errors("  - {name: a, prefix: " + prefix + ", " + POOL + "}\n"))
                .contains("no prefix of paths");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/a", "/a/", "/a/b.c", "/v1x", "/~me/x-y_z"})
    void takesOrdinaryPrefixes(String prefix) {
        assertThat(errors("  - {name: a, prefix: " + prefix + ", " + POOL + "}\n"))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "methods: [get]|methods[0]",
                "methods: [CONNECT]|methods[0]",
                "'request-headers: {set: {X-A: \"{nobody}\"}}'|set.X-A",
                "'request-headers: {set: {Content-Length: \"1\"}}'|connection's own",
                "'response-headers: {remove: [\"a b\"]}'|remove[0]",
                "content-types: [pdf]|content-types[0]",
                "'path: {strip: true, replace: /x}'|exclude each other",
                "'validation: {schema: a.json, openapi: b.yaml}'|exclude each other",
                "'check-uploads: true, validation: {schema: a.json}'|exclude each other",
                "'check-uploads: true, max-body: 200MiB'|max-file",
                "'host: \"a:80\"'|host"
            })
    void tellsWhatIsWrong(String more, String told) {
        assertThat(one(more)).contains(told);
    }

    @Test
    void wantsNamesAndPlacesOnce() {
        String both = errors("  - {name: a, prefix: /a, " + POOL + "}\n  - {name: a, prefix: /a/, " + POOL + "}\n");
        assertThat(both).contains("routes[1].name", "routes[1].prefix");
    }

    @Test
    void wantsInstances() {
        assertThat(errors("  - {name: a, prefix: /a}\n")).contains("routes[0].pool.instances");
    }
}
