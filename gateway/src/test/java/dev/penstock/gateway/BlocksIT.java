package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.testkit.Await;
import dev.penstock.testkit.Fault;
import dev.penstock.testkit.FaultProxy;
import dev.penstock.testkit.TestServers;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlocksIT {
    private static final String SERVER = "  trusted-proxies: [127.0.0.0/8]\n";
    private static final String SHORT = "protection: {exempt: [], block: {failures: 3, duration: 2s}}\n";
    private static final String LONG = "protection: {exempt: [], block: {failures: 3, duration: 10m}}\n";

    @TempDir
    Path one;

    @TempDir
    Path two;

    @TempDir
    Path three;

    @Test
    void aBlockHoldsOnAllGatewaysWithinASecondAndAfterARestart() {
        String postgres = TestServers.freshDatabase().url();
        // The two share no bus and no Redis, so that the second can only learn of it from Postgres.
        try (GatewayFixture first = stored(one, LONG, "", postgres);
                GatewayFixture second = stored(two, LONG, "", postgres)) {
            misbehave(first, "203.0.113.60");
            Await.until("it is blocked", () -> status(first, "203.0.113.60") == 403);
            long start = System.nanoTime();
            Await.until("the other gateway refuses too", () -> status(second, "203.0.113.60") == 403);
            // A second, and what a crowded machine adds.
            assertThat(System.nanoTime() - start).isLessThan(3_000_000_000L);
            assertThat(status(second, "203.0.113.62")).isEqualTo(200);
        }
        try (GatewayFixture third = stored(three, LONG, "", postgres)) {
            Await.until("it is blocked after a restart", () -> status(third, "203.0.113.60") == 403);
            assertThat(lift(third, "203.0.113.60")).isEqualTo(204);
            Await.until("it is lifted", () -> status(third, "203.0.113.60") == 200);
        }
    }

    @Test
    void whoComesBackIsBlockedForTwiceAsLong() {
        String postgres = TestServers.freshDatabase().url();
        try (GatewayFixture gateway = stored(one, SHORT, "", postgres)) {
            misbehave(gateway, "203.0.113.61");
            Await.until("it is blocked", () -> status(gateway, "203.0.113.61") == 403);
            assertThat(length(gateway, "203.0.113.61")).isEqualTo(2_000);
            Await.until("it ends", () -> status(gateway, "203.0.113.61") == 200);
            misbehave(gateway, "203.0.113.61");
            Await.until("it is blocked again", () -> strikes(gateway, "203.0.113.61") == 2);
            assertThat(length(gateway, "203.0.113.61")).isEqualTo(4_000);
        }
    }

    @Test
    void blocksMadeWithoutPostgresOutliveTheProcessAndAreWrittenLater() {
        TestServers.Database database = TestServers.freshDatabase();
        Vertx vertx = Vertx.vertx();
        int port = URI.create(database.url()).getPort();
        FaultProxy proxy = Await.result(FaultProxy.start(vertx, "127.0.0.1", port));
        String behindProxy = database.url().replace(":" + port + "/", ":" + proxy.port() + "/");
        try {
            try (GatewayFixture gateway = stored(one, LONG, "", behindProxy)) {
                assertThat(block(gateway, "203.0.113.70")).isEqualTo(201);
                Await.result(proxy.set(Fault.RESET));
                Await.until(
                        "Postgres is away",
                        Duration.ofSeconds(30),
                        () -> !gateway.harness.context().postgres().available());
                scan(gateway, "203.0.113.71");
                Await.until("it is blocked", () -> status(gateway, "203.0.113.71") == 403);
                assertThat(block(gateway, "203.0.113.72")).isEqualTo(201);
                assertThat(lift(gateway, "203.0.113.70")).isEqualTo(204);
                Await.until("all are kept", () -> metric(gateway, "penstock_blocks_waiting") == 3);
                Await.until("there is a file", () -> Files.exists(one.resolve("spool/blocks.json.enc")));
            }
            try (GatewayFixture again = GatewayFixture.serving(one, SERVER, LONG, "", behindProxy)) {
                assertThat(status(again, "203.0.113.71"))
                        .as("from the first request on")
                        .isEqualTo(403);
                Await.result(proxy.set(Fault.PASS));
                Await.until(
                        "all are written", Duration.ofSeconds(30), () -> metric(again, "penstock_blocks_waiting") == 0);
                Await.until("nothing waits any more", () -> !Files.exists(one.resolve("spool/blocks.json.enc")));
                assertThat(status(again, "203.0.113.71")).isEqualTo(403);
                assertThat(status(again, "203.0.113.70")).isEqualTo(200);
            }
            try (GatewayFixture other = stored(two, LONG, "", database.url())) {
                Await.until("others read them", () -> status(other, "203.0.113.71") == 403);
                assertThat(status(other, "203.0.113.72")).isEqualTo(403);
                assertThat(status(other, "203.0.113.70")).as("lifted").isEqualTo(200);
            }
        } finally {
            Await.result(proxy.close());
            Await.result(vertx.close());
        }
    }

    @Test
    void aGatewayWithoutPostgresHearsOfBlocksAndLiftsThroughRedis() {
        String redis = TestServers.freshRedis();
        try (GatewayFixture first = GatewayFixture.serving(one, SERVER, LONG, redis, "");
                GatewayFixture second = GatewayFixture.serving(two, SERVER, LONG, redis, "")) {
            Await.until(
                    "Redis is there",
                    () -> first.harness.context().redis().available()
                            && second.harness.context().redis().available());
            misbehave(first, "203.0.113.80");
            Await.until("the other gateway refuses too", () -> status(second, "203.0.113.80") == 403);
            assertThat(lift(second, "203.0.113.80")).isEqualTo(204);
            Await.until("and lets it in again", () -> status(first, "203.0.113.80") == 200);
            assertThat(block(first, "203.0.113.81")).isEqualTo(201);
        }
        try (GatewayFixture late = GatewayFixture.serving(three, SERVER, LONG, redis, "")) {
            Await.until("who starts later hears of it", () -> status(late, "203.0.113.81") == 403);
            assertThat(status(late, "203.0.113.80")).isEqualTo(200);
        }
    }

    private static GatewayFixture stored(Path folder, String more, String redis, String postgres) {
        GatewayFixture gateway = GatewayFixture.serving(folder, SERVER, more, redis, postgres);
        Await.until(
                "Postgres is there",
                Duration.ofSeconds(30),
                () -> gateway.harness.context().postgres().available());
        return gateway;
    }

    private static void misbehave(GatewayFixture gateway, String address) {
        Await.until("keys are known, so that others can be told wrong", () -> wrongKey(gateway, address) == 401);
        wrongKey(gateway, address);
        wrongKey(gateway, address);
    }

    private static int wrongKey(GatewayFixture gateway, String address) {
        return gateway.get("/v1/models", "X-Forwarded-For", address, "Authorization", "Bearer psk-wrong")
                .statusCode();
    }

    /** While Postgres is away no key can be told wrong, but a search for holes still is one. */
    private static void scan(GatewayFixture gateway, String address) {
        for (String path : List.of("/.env", "/wp-login.php", "/.git/config", "/phpmyadmin/", "/cgi-bin/x")) {
            gateway.get(path, "X-Forwarded-For", address);
        }
    }

    private static int status(GatewayFixture gateway, String address) {
        return gateway.get("/v1/models", "X-Forwarded-For", address).statusCode();
    }

    private static int block(GatewayFixture gateway, String address) {
        HttpResponse<String> answer =
                gateway.send(gateway.request("/api/admin/blocks", "Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{\"address\":\"" + address + "\"}"))
                        .build());
        return answer.statusCode();
    }

    private static int lift(GatewayFixture gateway, String address) {
        return gateway.send(gateway.request("/api/admin/blocks?address=" + address)
                        .DELETE()
                        .build())
                .statusCode();
    }

    private static JsonObject shown(GatewayFixture gateway, String address) {
        JsonArray blocks = new JsonObject(gateway.get("/api/admin/blocks").body()).getJsonArray("blocks");
        for (int i = 0; i < blocks.size(); i++) {
            if (address.equals(blocks.getJsonObject(i).getString("address"))) {
                return blocks.getJsonObject(i);
            }
        }
        return new JsonObject();
    }

    private static int strikes(GatewayFixture gateway, String address) {
        return shown(gateway, address).getInteger("strikes", 0);
    }

    /** Milliseconds. */
    private static long length(GatewayFixture gateway, String address) {
        JsonObject block = shown(gateway, address);
        return Duration.between(Instant.parse(block.getString("beganAt")), Instant.parse(block.getString("endsAt")))
                .toMillis();
    }

    private static double metric(GatewayFixture gateway, String name) {
        return gateway.harness
                .telemetry()
                .scrape()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .sum();
    }
}
