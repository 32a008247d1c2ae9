package dev.penstock.gateway.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.config.ConfigLoader;
import dev.penstock.common.config.PoolConfig;
import dev.penstock.common.pool.Pool;
import dev.penstock.gateway.auth.AccessRole;
import dev.penstock.testkit.Await;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Instances that register themselves, over HTTP. */
class RegistryTest {
    private OpsServer server;
    private String[] key;

    @BeforeEach
    void start(@TempDir Path folder) {
        server = new OpsServer(folder);
        key = OpsServer.bearer(server.key(AccessRole.ANALYST, "ops"));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aRegisteredInstance_isListed_servesItsPool_andGoesWithItsLease() {
        Pool pool = server.pools.open(
                "route", ConfigLoader.section(PoolConfig.class, "discovery: {kind: registry, name: echo}"));
        var answer = put("echo", "{\"url\":\"http://127.0.0.1:8123\",\"weight\":3}");
        assertThat(answer.getString("id")).isEqualTo("127.0.0.1:8123");
        assertThat(answer.getString("scope")).isEqualTo("this gateway only");
        assertThat(answer.getInteger("heartbeatMs")).isBetween(300, 334);
        JsonObject list = new JsonObject(server.get("/api/registry", key).body());
        assertThat(list.getJsonArray("instances")).hasSize(1);
        JsonObject member = list.getJsonArray("pools")
                .getJsonObject(0)
                .getJsonArray("instances")
                .getJsonObject(0);
        assertThat(member.getString("name")).isEqualTo("127.0.0.1:8123");
        assertThat(member.getString("state")).isEqualTo("up");
        Await.until("its lease is over", () -> pool.state().members().isEmpty());
        assertThat(new JsonObject(server.get("/api/registry", key).body()).getJsonArray("instances"))
                .isEmpty();
    }

    @Test
    void aPortAlone_meansTheCallersAddress_andDeleteTakesItOut() {
        assertThat(put("echo", "{\"port\":8200}").getString("url")).isEqualTo("http://127.0.0.1:8200");
        assertThat(status("DELETE", "/api/registry/echo/127.0.0.1:8200", "")).isEqualTo(204);
        assertThat(status("DELETE", "/api/registry/echo/127.0.0.1:8200", "")).isEqualTo(404);
    }

    @Test
    void whatIsNotAllowed_isRefused() {
        assertThat(register("{\"url\":\"http://169.254.169.254/latest\"}")).isEqualTo(403);
        assertThat(register("{\"url\":\"http://[::ffff:10.0.0.1]:80\"}")).isEqualTo(403);
        assertThat(register("{\"url\":\"http://localhost:8123\"}")).isEqualTo(403);
        assertThat(register("{\"url\":\"file:///etc/passwd\"}")).isEqualTo(400);
        assertThat(register("{\"url\":\"http://user:secret@127.0.0.1:80\"}")).isEqualTo(400);
        assertThat(register("{\"url\":\"http://127.0.0.1:80?x=1\"}")).isEqualTo(400);
        assertThat(register("{\"port\":0}")).isEqualTo(400);
        assertThat(register("{}")).isEqualTo(400);
        assertThat(status("POST", "/api/registry/other", "{\"port\":8000}")).isEqualTo(404);
        String[] user = OpsServer.bearer(server.key(AccessRole.USER, "ops"));
        assertThat(server.send("POST", "/api/registry/echo", "{\"port\":8000}", user)
                        .statusCode())
                .isEqualTo(403);
    }

    @Test
    void aFullPool_takesHeartbeatsButNobodyNew() {
        for (int i = 1; i <= 3; i++) {
            assertThat(register("{\"port\":" + (9000 + i) + "}")).isEqualTo(200);
        }
        assertThat(register("{\"port\":9004}")).isEqualTo(409);
        assertThat(register("{\"port\":9001}")).isEqualTo(200);
    }

    private JsonObject put(String pool, String body) {
        var response = server.send("POST", "/api/registry/" + pool, body, key);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return new JsonObject(response.body());
    }

    private int register(String body) {
        return status("POST", "/api/registry/echo", body);
    }

    private int status(String method, String path, String body) {
        return server.send(method, path, body, key).statusCode();
    }
}
