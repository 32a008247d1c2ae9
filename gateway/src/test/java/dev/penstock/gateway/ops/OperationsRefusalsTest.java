package dev.penstock.gateway.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What operations say to requests that are wrong; who may call is proved by {@code AuthorisationMatrixTest}. */
class OperationsRefusalsTest {
    @TempDir
    static Path folder;

    private static OpsServer server;

    @BeforeAll
    static void start() {
        server = new OpsServer(folder);
    }

    @AfterAll
    static void stop() {
        server.close();
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
