package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.testkit.Await;
import dev.penstock.testkit.Fault;
import dev.penstock.testkit.FaultProxy;
import dev.penstock.testkit.TestServers;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two gateways on one Postgres and one Redis, with a bus each: no message of one ever reaches the other, so what one ends
 * the other can only know from the stores, and each of those can be cut off from it.
 */
class IdentityIT {
    private static final String PASSWORD = "correct horse battery";
    /** The promise is a second; the rest is for a machine that does much else. */
    private static final Duration SOON = Duration.ofSeconds(3);

    /** Waiting for something asks often. */
    private static final String NO_LIMITS = "limits: [{name: reference, per-minute: 0, per-hour: 0, per-day: 0}]\n";

    @TempDir
    Path folder;

    private final Vertx proxies = Vertx.vertx();
    private FaultProxy redis;
    private FaultProxy postgres;
    private GatewayFixture one;
    private GatewayFixture other;
    private String user;

    @BeforeEach
    void start() throws Exception {
        URI realRedis = URI.create(TestServers.freshRedis());
        URI realPostgres = URI.create(TestServers.freshDatabase().url());
        redis = Await.result(FaultProxy.start(proxies, realRedis.getHost(), realRedis.getPort()));
        postgres = Await.result(FaultProxy.start(proxies, realPostgres.getHost(), realPostgres.getPort()));
        one = gateway("one", realRedis.toString(), realPostgres.toString());
        other = gateway("other", through(redis, realRedis), through(postgres, realPostgres));
        HttpResponse<String> made = one.post(
                "/api/admin/users",
                "{\"name\":\"ann\",\"role\":\"analyst\",\"team\":\"red\",\"password\":\"" + PASSWORD + "\"}");
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        user = new JsonObject(made.body()).getString("id");
    }

    private GatewayFixture gateway(String name, String redisUrl, String postgresUrl) throws Exception {
        GatewayFixture made = new GatewayFixture(
                Files.createDirectory(folder.resolve(name)),
                "redis: {url: \"" + redisUrl + "\"}\n" + NO_LIMITS,
                redisUrl,
                postgresUrl);
        var context = made.harness.context();
        Await.until(
                "the stores answer",
                () -> context.redis().available() && context.postgres().available());
        return made;
    }

    private static String through(FaultProxy proxy, URI real) {
        return real.toString().replace(real.getHost() + ":" + real.getPort(), "127.0.0.1:" + proxy.port());
    }

    @AfterEach
    void stop() {
        one.close();
        other.close();
        Await.result(redis.close());
        Await.result(postgres.close());
        Await.result(proxies.close());
    }

    @Test
    void whatOneGatewayIssuedWorksAtTheOtherAndEndsThereWhenOneSignsItOut() {
        String access = login(one).getString("accessToken");
        Await.until("the other accepts it", () -> status(other, access) == 200);
        logout(access);
        within("the other refuses it", () -> status(other, access) == 401);
    }

    @Test
    void anEndIsHeardWithoutRedisAndWithoutPostgres() {
        String first = login(one).getString("accessToken");
        String second = login(one).getString("accessToken");
        Await.until("the other accepts both", () -> status(other, first) == 200 && status(other, second) == 200);

        Await.result(redis.set(Fault.CUT));
        logout(first);
        within("Postgres tells", () -> status(other, first) == 401);
        Await.result(redis.set(Fault.PASS));
        Await.until("Redis is back", () -> other.harness.context().redis().available());

        Await.result(postgres.set(Fault.STALL));
        logout(second);
        within("Redis tells, while Postgres only stalls", () -> status(other, second) == 401);
        Await.result(postgres.set(Fault.CUT));
        Await.until(
                "Postgres is away", () -> !other.harness.context().postgres().available());
        HttpResponse<String> refused = other.post("/api/auth/login", credentials());
        assertThat(refused.statusCode())
                .as("nobody can sign in there meanwhile")
                .isEqualTo(503);
        assertThat(status(other, "psk-unknown"))
                .as("nor is a key called unknown")
                .isEqualTo(503);
        Await.result(postgres.set(Fault.PASS));
    }

    @Test
    void aRefreshAtTheOtherGatewayUsesTheTokenUpEverywhereAndReuseEndsTheSession() {
        JsonObject tokens = login(one);
        HttpResponse<String> renewed = refresh(other, tokens.getString("refreshToken"));
        assertThat(renewed.statusCode()).as(renewed.body()).isEqualTo(200);
        String access = new JsonObject(renewed.body()).getString("accessToken");
        assertThat(status(one, access)).isEqualTo(200);
        assertThat(refresh(one, tokens.getString("refreshToken")).statusCode()).isEqualTo(401);
        within("the session is over everywhere", () -> status(other, access) == 401);
        assertThat(refresh(other, new JsonObject(renewed.body()).getString("refreshToken"))
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void keysRestWithTheirUserAndTeamAndStopWhenRevokedRotatedOrDeleted() {
        JsonObject key = key("{\"name\":\"k\",\"user\":\"ann\",\"team\":\"red\"}");
        String secret = key.getString("key");
        Await.until("the other knows it", () -> status(other, secret) == 200);

        one.send(one.request("/api/admin/users/" + user)
                .method("PATCH", BodyPublishers.ofString("{\"disabled\":true}"))
                .build());
        within("it rests", () -> status(other, secret) == 401);
        one.send(one.request("/api/admin/users/" + user)
                .method("PATCH", BodyPublishers.ofString("{\"disabled\":false}"))
                .build());
        within("it works again", () -> status(other, secret) == 200);

        assertThat(one.post("/api/admin/teams", "{\"name\":\"red\"}").statusCode())
                .isEqualTo(201);
        one.send(one.request("/api/admin/teams/red")
                .method("PATCH", BodyPublishers.ofString("{\"disabled\":true}"))
                .build());
        within("it rests with its team", () -> status(other, secret) == 401);
        assertThat(one.send(one.request("/api/admin/teams/red").DELETE().build())
                        .statusCode())
                .as("a team in use stays")
                .isEqualTo(409);
        one.send(one.request("/api/admin/teams/red")
                .method("PATCH", BodyPublishers.ofString("{\"disabled\":false}"))
                .build());
        within("it works again", () -> status(other, secret) == 200);

        HttpResponse<String> rotated = one.post("/api/admin/keys/" + key.getString("id") + "/rotate", "");
        within("the one before stops", () -> status(other, secret) == 401);
        String next = new JsonObject(rotated.body()).getString("key");
        within("the new one works", () -> status(other, next) == 200);

        one.send(one.request("/api/admin/users/" + user).DELETE().build());
        within("keys end with their user", () -> status(other, next) == 401);
    }

    @Test
    void aKeyBoundToAModelSeesAndGetsThatModelAlone() {
        String secret = key("{\"name\":\"k\",\"models\":[\"org/chat\"]}").getString("key");
        HttpResponse<String> refused = one.post(
                "/v1/embeddings", "{\"model\":\"embed\",\"input\":\"x\"}", "Authorization", "Bearer " + secret);
        assertThat(refused.statusCode()).isEqualTo(403);
        JsonObject error = new JsonObject(refused.body()).getJsonObject("error");
        assertThat(error.getString("param")).isEqualTo("model");
        assertThat(error.getString("code")).isEqualTo("permission_denied");
        String list = one.get("/v1/models", "Authorization", "Bearer " + secret).body();
        assertThat(list).contains("org/chat").doesNotContain("embed");
        assertThat(one.get("/v1/models/embed", "Authorization", "Bearer " + secret)
                        .statusCode())
                .isEqualTo(403);
        assertThat(one.get("/v1/models/org/chat", "Authorization", "Bearer " + secret)
                        .statusCode())
                .isEqualTo(200);
    }

    private static void within(String what, BooleanSupplier condition) {
        Await.until(what, SOON, condition);
    }

    private JsonObject key(String wish) {
        HttpResponse<String> made = one.post("/api/admin/keys", wish);
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        return new JsonObject(made.body());
    }

    private static String credentials() {
        return "{\"name\":\"Ann\",\"password\":\"" + PASSWORD + "\"}";
    }

    private static JsonObject login(GatewayFixture gateway) {
        HttpResponse<String> answer = gateway.post("/api/auth/login", credentials());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return new JsonObject(answer.body());
    }

    private static HttpResponse<String> refresh(GatewayFixture gateway, String token) {
        return gateway.post("/api/auth/refresh", "{\"refreshToken\":\"" + token + "\"}");
    }

    private void logout(String access) {
        HttpResponse<String> answer = one.post("/api/auth/logout", "", "Authorization", "Bearer " + access);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
    }

    private static int status(GatewayFixture gateway, String credential) {
        return gateway.get("/v1/models", "Authorization", "Bearer " + credential)
                .statusCode();
    }
}
