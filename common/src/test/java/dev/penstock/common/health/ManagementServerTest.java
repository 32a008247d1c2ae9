package dev.penstock.common.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.common.config.ConfigLoader;
import dev.penstock.common.config.ServerConfig;
import dev.penstock.common.contract.MonitorContract.Check;
import dev.penstock.common.contract.MonitorContract.Status;
import dev.penstock.common.lifecycle.StartException;
import dev.penstock.common.log.LogSetup;
import dev.penstock.common.telemetry.MicrometerTelemetry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ManagementServerTest {
    /** As in production, where a taken port shows in another way than without the native transport. */
    private final Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));

    private final MicrometerTelemetry telemetry = new MicrometerTelemetry();
    private final Health health = new Health();
    private final ManagementServer server = new ManagementServer(vertx, health, telemetry::scrape);
    private final HttpClient client = HttpClient.newHttpClient();

    @AfterEach
    void close() throws Exception {
        LogSetup.level("dev.penstock", "warn");
        server.stop().await(10, TimeUnit.SECONDS);
        vertx.close().await(10, TimeUnit.SECONDS);
        telemetry.close();
        client.close();
    }

    @Test
    void metricsComeAsPrometheusText() throws Exception {
        telemetry.counter("penstock_c_total", "C.").add(5);
        HttpResponse<String> response = call(start(0), "GET", "/metrics");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type")).hasValue("text/plain; version=0.0.4; charset=utf-8");
        assertThat(response.body()).contains("penstock_c_total 5.0");
    }

    @Test
    void readinessFollowsTheProcessAndLivenessDoesNot() throws Exception {
        int port = start(0);
        assertThat(call(port, "GET", "/health/live").statusCode()).isEqualTo(200);
        assertThat(call(port, "GET", "/health/ready").statusCode()).isEqualTo(503);
        health.ready(true);
        assertThat(call(port, "GET", "/health/ready").statusCode()).isEqualTo(200);
    }

    @Test
    void healthTellsEveryCheckAndTheWorstDecides() throws Exception {
        health.configHash("abc");
        health.register(() -> new Check("redis", Status.DEGRADED, "memory-only"));
        int port = start(0);
        HttpResponse<String> degraded = call(port, "GET", "/health");
        JsonNode body = new ObjectMapper().readTree(degraded.body());
        assertThat(degraded.statusCode()).isEqualTo(200);
        assertThat(body.get("status").asText()).isEqualTo("degraded");
        assertThat(body.get("configHash").asText()).isEqualTo("abc");
        assertThat(body.at("/checks/0/detail").asText()).isEqualTo("memory-only");
        health.register(() -> new Check("loop", Status.UNHEALTHY, null));
        assertThat(call(port, "GET", "/health").statusCode()).isEqualTo(503);
        health.register(() -> {
            throw new IllegalStateException("broken check");
        });
        assertThat(call(port, "GET", "/health").body()).contains("\"unknown\"", "broken check", "memory-only");
    }

    @Test
    void levelsCanBeReadAndChanged() throws Exception {
        int port = start(0);
        assertThat(call(port, "PUT", "/log-level?logger=dev.penstock&level=error")
                        .body())
                .isEqualTo("{\"logger\":\"dev.penstock\",\"level\":\"error\"}");
        assertThat(call(port, "GET", "/log-level").body()).contains("\"error\"");
        assertThat(call(port, "PUT", "/log-level?level=loud").statusCode()).isEqualTo(400);
        assertThat(call(port, "PUT", "/log-level").statusCode()).isEqualTo(400);
        assertThat(call(port, "PUT", "/log-level?logger=made.up&level=info").statusCode())
                .isEqualTo(400);
        assertThat(call(port, "POST", "/log-level?level=info").statusCode()).isEqualTo(405);
    }

    @Test
    void otherPathsAndMethodsAreRefused() throws Exception {
        int port = start(0);
        assertThat(call(port, "GET", "/").statusCode()).isEqualTo(404);
        assertThat(call(port, "DELETE", "/metrics").statusCode()).isEqualTo(405);
    }

    @Test
    void aTakenPortLeadsToTheNextFreeOne() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = start(taken.getLocalPort());
            assertThat(port).isGreaterThan(taken.getLocalPort());
            assertThat(call(port, "GET", "/health/live").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aTakenPortIsKnownWithoutTheNativeTransportToo() throws Exception {
        Vertx plain = Vertx.vertx();
        ManagementServer other = new ManagementServer(plain, health, telemetry::scrape);
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(other.start(config(taken.getLocalPort())).await(10, TimeUnit.SECONDS))
                    .isGreaterThan(taken.getLocalPort());
        } finally {
            other.stop().await(10, TimeUnit.SECONDS);
            plain.close().await(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void anAddressOfAnotherMachineIsRefusedAtOnce() throws Exception {
        ServerConfig elsewhere = ConfigLoader.parse("", Map.of("PENSTOCK_SERVER_MANAGEMENT_HOST", "192.0.2.1"))
                .orThrow()
                .server();
        assertThatThrownBy(() -> server.start(elsewhere).await(10, TimeUnit.SECONDS))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("192.0.2.1")
                .hasMessageContaining("server.management-host");
    }

    private int start(int port) throws Exception {
        return server.start(config(port)).await(10, TimeUnit.SECONDS);
    }

    private static ServerConfig config(int port) {
        return ConfigLoader.parse("", Map.of("PENSTOCK_SERVER_MANAGEMENT_PORT", Integer.toString(port)))
                .orThrow()
                .server();
    }

    private HttpResponse<String> call(int port, String method, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(10))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }
}
