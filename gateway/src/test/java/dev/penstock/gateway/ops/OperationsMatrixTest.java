package dev.penstock.gateway.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.gateway.auth.AccessRole;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operation, asked by everybody: the table alone decides who gets past the door. */
class OperationsMatrixTest {
    @TempDir
    static Path folder;

    private static OpsServer server;
    private static final Map<AccessRole, String> KEYS = new HashMap<>();

    @BeforeAll
    static void start() {
        server = new OpsServer(folder);
        for (AccessRole role : AccessRole.values()) {
            KEYS.put(role, server.key(role, "red"));
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    static Stream<Arguments> everybody() {
        return Stream.of(Operations.values())
                .flatMap(operation -> Stream.concat(
                        Stream.of(Arguments.of(operation, null)),
                        Stream.of(AccessRole.values()).map(role -> Arguments.of(operation, role))));
    }

    @ParameterizedTest
    @MethodSource("everybody")
    void onlyTheTableDecidesWhoMayCall(Operations operation, AccessRole role) {
        if (operation == Operations.ALERT_EVENTS && role != null) {
            return; // A stream has no end to wait for; its own test opens it.
        }
        String path = operation
                .path()
                .replace("{id}", "missing")
                .replace("{pool}", "missing")
                .replace("*", "overview");
        String[] headers = role == null ? new String[0] : OpsServer.bearer(KEYS.get(role));
        HttpResponse<String> answer = server.send(operation.method().name(), path, "", headers);
        boolean allowed = operation.role() == null || (role != null && role.covers(operation.role()));
        if (allowed) {
            assertThat(answer.statusCode()).isNotIn(401, 403, 405, 500);
        } else {
            assertThat(answer.statusCode()).isEqualTo(role == null ? 401 : 403);
            assertThat(new JsonObject(answer.body()).getInteger("status")).isEqualTo(answer.statusCode());
        }
        assertThat(answer.headers().firstValue("x-content-type-options")).hasValue("nosniff");
        assertThat(answer.headers().firstValue("x-request-id")).isPresent();
    }

    @Test
    void whatDoesNotExistSaysSoAsAProblem() {
        HttpResponse<String> path = server.get("/api/nothing");
        assertThat(path.statusCode()).isEqualTo(404);
        assertThat(path.headers().firstValue("content-type")).hasValue("application/problem+json");
        HttpResponse<String> method = server.send("PUT", "/api/admin/keys", "");
        assertThat(method.statusCode()).isEqualTo(405);
        assertThat(method.headers().firstValue("allow")).hasValue("GET, HEAD, OPTIONS, POST");
        HttpResponse<String> options = server.send("OPTIONS", "/api/alerts/x/ack", "");
        assertThat(options.statusCode()).isEqualTo(204);
        assertThat(options.headers().firstValue("allow")).hasValue("OPTIONS, POST");
    }

    @Test
    void bodiesAreBoundedAndCheckedFieldByField() {
        String[] admin = OpsServer.bearer(OpsServer.ADMIN_KEY);
        assertThat(server.send("POST", "/api/admin/keys", "x".repeat(70_000), admin)
                        .statusCode())
                .isEqualTo(413);
        assertThat(server.send("POST", "/api/admin/keys", "[1]", admin).statusCode())
                .isEqualTo(400);
        assertThat(server.send("POST", "/api/admin/keys", "{\"nmae\":\"x\"}", admin)
                        .body())
                .contains("'nmae' is not known");
        assertThat(server.send("POST", "/api/admin/keys", "{\"name\":\"x\",\"role\":\"root\"}", admin)
                        .body())
                .contains("'role' must be one of [user, analyst, admin]");
        assertThat(server.send("POST", "/api/performance/cache/invalidate", "{\"pattern\":\"a*\"}", admin)
                        .body())
                .contains("Forgetting by pattern is not supported. Supported are");
    }
}
