package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.testkit.Await;
import dev.penstock.testkit.TestServers;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlocksIT {
    private static final String SERVER = "  trusted-proxies: [127.0.0.0/8]\n";
    private static final String MORE = "protection: {exempt: [], block: {failures: 3, duration: 1s}}\n";

    @Test
    void aBlockHoldsOnAllGatewaysAndAfterARestartAndGrows(@TempDir Path one, @TempDir Path two, @TempDir Path three) {
        String postgres = TestServers.freshDatabase().url();
        try (GatewayFixture first = GatewayFixture.serving(one, SERVER, MORE, postgres)) {
            Await.until(
                    "Postgres is there",
                    () -> first.harness.context().postgres().available());
            // The two share no bus, so that the second can only learn of it from Postgres.
            try (GatewayFixture second = GatewayFixture.serving(two, SERVER, MORE, postgres)) {
                Await.until(
                        "Postgres is there",
                        () -> second.harness.context().postgres().available());
                long start = System.nanoTime();
                block(first, "203.0.113.60");
                Await.until("the other gateway refuses too", () -> status(second, "203.0.113.60") == 403);
                assertThat(System.nanoTime() - start).isLessThan(5_000_000_000L);
                Await.until(
                        "the block ends",
                        () -> status(first, "203.0.113.60") == 200 && status(second, "203.0.113.60") == 200);
                block(second, "203.0.113.60");
                Await.until(
                        "the second is told as such",
                        () -> second.get("/api/admin/blocks", "X-Forwarded-For", "1.2.3.4")
                                .body()
                                .contains("\"strikes\":2"));
                second.send(second.request("/api/admin/blocks", "Content-Type", "application/json")
                        .POST(java.net.http.HttpRequest.BodyPublishers.ofString("{\"address\":\"203.0.113.61\"}"))
                        .build());
            }
        }
        try (GatewayFixture third = GatewayFixture.serving(three, SERVER, MORE, postgres)) {
            Await.until("it is blocked after a restart", () -> status(third, "203.0.113.61") == 403);
            assertThat(Map.of("other", status(third, "203.0.113.62"))).containsValue(200);
        }
    }

    private static void block(GatewayFixture gateway, String address) {
        for (int i = 0; i < 3; i++) {
            gateway.get("/v1/models", "X-Forwarded-For", address, "Authorization", "Bearer psk-wrong");
        }
        Await.until(address + " is blocked", () -> status(gateway, address) == 403);
    }

    private static int status(GatewayFixture gateway, String address) {
        return gateway.get("/v1/models", "X-Forwarded-For", address).statusCode();
    }
}
