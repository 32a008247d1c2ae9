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
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A person's data over HTTP, on two gateways that hear nothing of each other but through the stores. */
class PrivacyHttpIT {
    private static final String PASSWORD = "correct horse battery";
    /** One second is promised; the rest is for a machine that does much else. */
    private static final Duration SOON = Duration.ofSeconds(1).plusSeconds(2);

    @TempDir
    Path folder;

    private final Vertx proxies = Vertx.vertx();
    private final TestServers.Database database = TestServers.freshDatabase();
    private final List<GatewayFixture> gateways = new ArrayList<>();
    private final URI realRedis = URI.create(TestServers.freshRedis());
    private FaultProxy redis;
    private GatewayFixture one;

    @BeforeEach
    void start() throws Exception {
        redis = Await.result(FaultProxy.start(proxies, realRedis.getHost(), realRedis.getPort()));
        one = gateway("one", realRedis.toString(), "an-old-key-of-fields-0123456789abcdef");
        one.cache();
    }

    private GatewayFixture gateway(String name, String redisUrl, String... keys) throws Exception {
        String more = "redis: {url: \"" + redisUrl + "\"}\nlimits: [{name: reference, per-minute: 0, per-hour: 0,"
                + " per-day: 0}]\nencryption: {keys: [" + String.join(", ", keys) + "]}\n";
        var made = new GatewayFixture(Files.createDirectory(folder.resolve(name)), more, redisUrl, database.url());
        gateways.add(made);
        var context = made.harness.context();
        Await.until(
                "the stores answer",
                () -> context.redis().available() && context.postgres().available());
        return made;
    }

    @AfterEach
    void stop() {
        gateways.forEach(GatewayFixture::close);
        Await.result(redis.close());
        Await.result(proxies.close());
    }

    @Test
    void erasingAUserEndsTheirSessionsAndKeysEverywhereAndLeavesTheSums() throws Exception {
        String through = realRedis
                .toString()
                .replace(realRedis.getHost() + ":" + realRedis.getPort(), "127.0.0.1:" + redis.port());
        GatewayFixture other = gateway("other", through, "an-old-key-of-fields-0123456789abcdef");
        String user = user("ann");
        String access = login("ann").getString("accessToken");
        JsonObject key = made("/api/admin/keys", "{\"name\":\"ann's key\",\"user\":\"ann\"}".replace("'", ""));
        String secret = key.getString("key");
        leaveTraces(user, key.getString("id"));
        Await.until("the other accepts both", () -> status(other, access) == 200 && status(other, secret) == 200);

        JsonObject shown = export(user);
        assertThat(shown.getJsonObject("tables").fieldNames())
                .contains("app_user", "login_session", "api_key", "usage_record", "budget", "alert", "address_block");
        assertThat(shown.encode()).contains("ann@example.org").doesNotContain("$2a$", "enc1:", "email_index");
        assertThat(shown.getJsonArray("audit")).isNotEmpty();
        long before = cost();
        assertThat(before).isEqualTo(300);

        // What the other gateway hears, it hears from Postgres alone.
        Await.result(redis.set(Fault.CUT));
        assertThat(delete("/api/privacy/" + user).statusCode()).isEqualTo(204);
        Await.until("the other refuses both", SOON, () -> status(other, access) == 401 && status(other, secret) == 401);
        Await.result(redis.set(Fault.PASS));

        JsonObject after = export(user);
        assertThat(after.getJsonObject("tables").isEmpty()).as(after.encode()).isTrue();
        assertThat(after.getJsonArray("audit")).isEmpty();
        assertThat(after.getJsonArray("redis")).isEmpty();
        assertThat(export(key.getString("id")).getJsonObject("tables").isEmpty())
                .isTrue();
        assertThat(cost()).isEqualTo(before);
        assertThat(query("select count(*) from penstock.usage_record where key_id like 'anon\\_%'"
                        + " and user_name like 'anon\\_%'"))
                .isEqualTo("2");
        assertThat(query("select count(*) from penstock.budget")).isEqualTo("0");
        assertThat(query("select created_by from penstock.address_block")).startsWith("anon_");
        assertThat(one.post("/api/auth/login", credentials("ann")).statusCode()).isEqualTo(401);
        String trail = one.get("/api/admin/audit").body();
        assertThat(trail).contains("privacy-erased").doesNotContain(user, key.getString("id"));
        assertThat(one.get("/api/admin/audit/verify").body()).contains("\"intact\"");
        insertUsage("late", user, key.getString("id"), 7);
        Await.until(
                "what is written late is found too",
                Duration.ofSeconds(30),
                () -> query("select count(*) from penstock.usage_record where user_name = '" + user + "'")
                        .equals("0"));
    }

    @Test
    void anonymisedUsersStayAsRowsOfNobodyWhoCannotSignIn() {
        String ann = user("ann");
        String ben = user("ben");
        String access = login("ann").getString("accessToken");
        for (String each : List.of(ann, ben)) {
            assertThat(one.post("/api/privacy/" + each + "/anonymise", "").statusCode())
                    .isEqualTo(204);
            assertThat(export(each).getJsonObject("tables").isEmpty()).isTrue();
        }
        assertThat(status(one, access)).isEqualTo(401);
        assertThat(query("select count(*) from penstock.app_user where email is null and password is null"))
                .isEqualTo("2");
        assertThat(one.get("/api/admin/users").body()).contains("anon_").doesNotContain("ann", "ben");
        assertThat(one.post("/api/auth/login", credentials("ann")).statusCode()).isEqualTo(401);
    }

    @Test
    void anAddressIsCiphertextInTheDatabaseAndOpensUnderTheNextKey() throws Exception {
        String user = user("ann");
        String stored = query("select email || encode(email_index, 'escape') from penstock.app_user");
        assertThat(stored).startsWith("enc1:").doesNotContain("ann@", "example");
        assertThat(one.post(
                                "/api/admin/users",
                                "{\"name\":\"anna\",\"email\":\"ANN@example.org\",\"password\":\"" + PASSWORD + "\"}")
                        .body())
                .contains("e-mail address already");
        assertThat(one.post("/api/admin/users", "{\"name\":\"x1\",\"email\":\"no address\"}")
                        .statusCode())
                .isEqualTo(400);

        GatewayFixture rotated = gateway(
                "rotated",
                realRedis.toString(),
                "a-new-key-of-fields-0123456789abcdef",
                "an-old-key-of-fields-0123456789abcdef");
        assertThat(rotated.get("/api/admin/users").body()).contains("ann@example.org");
        assertThat(rotated.get("/api/admin/users?email=ANN@Example.org").body()).contains(user);
        assertThat(rotated.get("/api/admin/users?email=ben@example.org").body()).doesNotContain(user);
        rotated.send(rotated.request("/api/admin/users/" + user)
                .method("PATCH", BodyPublishers.ofString("{\"role\":\"analyst\"}"))
                .build());
        assertThat(query("select email || encode(email_index, 'escape') from penstock.app_user"))
                .as("any change writes it under the newest key")
                .isNotEqualTo(stored);
        GatewayFixture done = gateway("done", realRedis.toString(), "a-new-key-of-fields-0123456789abcdef");
        assertThat(done.get("/api/admin/users?email=ann@example.org").body()).contains("ann@example.org");
    }

    @Test
    void nobodyRemovesThemselvesAndWhatIsNoIdIsRefused() {
        JsonObject boss =
                made("/api/admin/users", "{\"name\":\"boss\",\"role\":\"admin\",\"password\":\"" + PASSWORD + "\"}");
        String access = login("boss").getString("accessToken");
        HttpResponse<String> refused =
                one.send(one.request("/api/privacy/" + boss.getString("id"), "Authorization", "Bearer " + access)
                        .DELETE()
                        .build());
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(409);
        assertThat(refused.body()).contains("another administrator");
        assertThat(status(one, access)).isEqualTo(200);
        assertThat(one.get("/api/privacy/%25/export").statusCode()).isEqualTo(400);
        assertThat(export("usr_nobody").getJsonObject("tables").isEmpty()).isTrue();
        assertThat(delete("/api/privacy/usr_nobody").statusCode()).isEqualTo(204);
    }

    @Test
    void anAnalystOfATeamSeesWhatThatTeamSpentAndAnAdministratorEverything() {
        insertUsage("one", "usr_1", "key_1", 100);
        execute("update penstock.usage_record set team = 'red', model = 'of-red'");
        insertUsage("two", "usr_2", "key_2", 200);
        execute("update penstock.usage_record set team = 'blue', model = 'of-blue' where id = 'two'");
        made(
                "/api/admin/users",
                "{\"name\":\"ann\",\"role\":\"analyst\",\"team\":\"red\",\"password\":\"" + PASSWORD + "\"}");
        String access = login("ann").getString("accessToken");
        String seen = one.get("/api/cost", "Authorization", "Bearer " + access).body();
        assertThat(seen).contains("of-red").doesNotContain("of-blue");
        assertThat(new JsonObject(seen).getJsonObject("total").getLong("cost_nanos"))
                .isEqualTo(100);
        assertThat(cost()).isEqualTo(300);
        assertThat(one.get("/api/cost/requests/req_two", "Authorization", "Bearer " + access)
                        .statusCode())
                .isEqualTo(404);
        assertThat(one.get("/api/cost/requests/req_one", "Authorization", "Bearer " + access)
                        .statusCode())
                .isEqualTo(200);
    }

    private void leaveTraces(String user, String key) {
        insertUsage("a", user, key, 100);
        insertUsage("b", user, key, 200);
        execute("INSERT INTO penstock.alert VALUES ('a', 'f', 'FIRING', 1, now(), jsonb_build_object('user', '" + user
                + "'))");
        execute("INSERT INTO penstock.address_block (address, reason, created_by) VALUES ('203.0.113.9', 'r', '" + user
                + "')");
        made(
                "/api/admin/budgets",
                "{\"name\":\"anns\",\"scope\":\"user\",\"subject\":\"" + user + "\",\"limit\":\"5usd\"}");
    }

    private void insertUsage(String id, String user, String key, long nanos) {
        query("SELECT penstock.usage_partition(current_date)::text");
        execute("INSERT INTO penstock.usage_record (day, id, at, request_id, attempt, key_id, user_name, tags, route,"
                + " operation, model, instance, outcome, calls, input_tokens, cached_tokens, cache_write_tokens,"
                + " output_tokens, reasoning_tokens, estimated, cost_nanos) VALUES (current_date, '" + id
                + "', now(), 'req_" + id + "', 1, '" + key + "', '" + user + "', '{}', 'chat', 'chat', 'm', 'i',"
                + " 'OK', 1, 1, 0, 0, 1, 0, false, " + nanos + ")");
    }

    private long cost() {
        return new JsonObject(one.get("/api/cost").body())
                .getJsonObject("total")
                .getLong("cost_nanos");
    }

    private JsonObject export(String subject) {
        HttpResponse<String> answer = one.get("/api/privacy/" + subject + "/export");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return new JsonObject(answer.body());
    }

    private String user(String name) {
        return made(
                        "/api/admin/users",
                        "{\"name\":\"" + name + "\",\"email\":\"" + name + "@example.org\",\"password\":\"" + PASSWORD
                                + "\"}")
                .getString("id");
    }

    private JsonObject made(String path, String body) {
        HttpResponse<String> made = one.post(path, body);
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        return new JsonObject(made.body());
    }

    private HttpResponse<String> delete(String path) {
        return one.send(one.request(path).DELETE().build());
    }

    private static String credentials(String name) {
        return "{\"name\":\"" + name + "\",\"password\":\"" + PASSWORD + "\"}";
    }

    private JsonObject login(String name) {
        HttpResponse<String> answer = one.post("/api/auth/login", credentials(name));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return new JsonObject(answer.body());
    }

    private static int status(GatewayFixture gateway, String credential) {
        return gateway.get("/v1/models", "Authorization", "Bearer " + credential)
                .statusCode();
    }

    private void execute(String sql) {
        try (Connection connection = DriverManager.getConnection(database.jdbcUrl());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private String query(String sql) {
        try (Connection connection = DriverManager.getConnection(database.jdbcUrl());
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.next() ? String.valueOf(result.getString(1)) : "";
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
