package dev.penstock.gateway.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.config.ConfigLoader;
import dev.penstock.common.config.PoolConfig;
import dev.penstock.common.pool.Pool;
import dev.penstock.common.pool.PoolStatus;
import dev.penstock.common.pool.Selection;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.FakeDns;
import dev.penstock.testkit.FakeKubernetes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Instances that a pool finds by itself. */
class DiscoveryTest {
    private final Backends backends = new Backends();

    @AfterEach
    void close() {
        backends.close();
    }

    @Test
    void dns_addressesAreFollowed_andStayWhileDnsIsAway() {
        try (FakeDns dns = new FakeDns(backends.vertx)) {
            dns.host("echo.example", "127.0.0.1");
            backends.start(1);
            Pool pool = open(
                    "dns",
                    "name: echo.example, port: " + backends.get(0).port() + ", server: \"" + dns.address()
                            + "\", interval: 100ms");
            String first = "127.0.0.1:" + backends.get(0).port();
            awaitMembers(pool, first);
            assertThat(backends.calls(pool, 5, 1, Selection.ANY)).containsEntry("200", 5);
            dns.host("echo.example", "127.0.0.1", "127.0.0.2");
            awaitMembers(pool, first, "127.0.0.2:" + backends.get(0).port());
            dns.silent(true);
            Await.until("it says so", () -> pool.state().problem() != null);
            assertThat(pool.state().members()).hasSize(2);
            dns.silent(false);
            dns.host("echo.example", "127.0.0.1");
            awaitMembers(pool, first);
            assertThat(pool.state().problem()).isNull();
        }
    }

    @Test
    void dnsSrv_bringsPortsAndWeights_ofTheBestPriorityOnly() {
        try (FakeDns dns = new FakeDns(backends.vertx)) {
            dns.host("one.example", "127.0.0.1");
            dns.host("two.example", "127.0.0.2");
            dns.host("spare.example", "127.0.0.3");
            dns.service(
                    "_http._tcp.echo.example",
                    new FakeDns.Service(1, 30, 8001, "one.example"),
                    new FakeDns.Service(1, 10, 8002, "two.example"),
                    new FakeDns.Service(9, 10, 8003, "spare.example"));
            Pool pool = open(
                    "dns-srv", "name: _http._tcp.echo.example, server: \"" + dns.address() + "\", interval: 100ms");
            awaitMembers(pool, "127.0.0.1:8001", "127.0.0.2:8002");
            assertThat(pool.state().members())
                    .extracting(PoolStatus.Member::weight)
                    .containsExactlyInAnyOrder(30, 10);
        }
    }

    @Test
    void allow_leavesOutWhatIsInNoneOfItsNetworks() {
        try (FakeDns dns = new FakeDns(backends.vertx)) {
            dns.host("echo.example", "127.0.0.1", "169.254.169.254");
            Pool pool = open(
                    "dns",
                    "name: echo.example, port: 80, allow: [127.0.0.0/8], server: \"" + dns.address()
                            + "\", interval: 100ms");
            awaitMembers(pool, "127.0.0.1:80");
        }
    }

    @Test
    void kubernetes_listsOnce_thenFollowsTheWatch_andResumesIt() {
        try (FakeKubernetes api = new FakeKubernetes(backends.vertx)) {
            api.put("echo-1", 8080, List.of("10.0.0.1", "10.0.0.2"), List.of("10.0.0.3"));
            Pool pool = open("kubernetes", "name: echo, interval: 200ms, api-server: \"" + api.url() + "\"");
            awaitMembers(pool, "10.0.0.1:8080", "10.0.0.2:8080");
            Await.until("it watches", () -> api.watching() == 1);
            api.put("echo-1", 8080, List.of("10.0.0.2", "10.0.0.3"), List.of());
            awaitMembers(pool, "10.0.0.2:8080", "10.0.0.3:8080");
            api.put("echo-2", 8080, List.of("10.0.0.9"), List.of());
            awaitMembers(pool, "10.0.0.2:8080", "10.0.0.3:8080", "10.0.0.9:8080");
            api.remove("echo-1");
            awaitMembers(pool, "10.0.0.9:8080");

            api.endWatches();
            Await.until("it watches again", () -> api.watching() == 1);
            assertThat(api.lists()).isEqualTo(1);
            assertThat(api.versionsAsked()).containsExactly("101", "104");
        }
    }

    @Test
    void kubernetes_aForgottenVersion_isListedAnew() {
        try (FakeKubernetes api = new FakeKubernetes(backends.vertx)) {
            api.put("echo-1", 8080, List.of("10.0.0.1"), List.of());
            Pool pool = open("kubernetes", "name: echo, interval: 200ms, api-server: \"" + api.url() + "\"");
            Await.until("it watches", () -> api.watching() == 1);
            api.expireWatches();
            Await.until("it lists anew", () -> api.lists() == 2 && api.watching() == 1);

            api.compact();
            api.endWatches();
            Await.until("it lists anew after a status 410", () -> api.lists() == 3 && api.watching() == 1);
            awaitMembers(pool, "10.0.0.1:8080");
        }
    }

    @Test
    void kubernetes_theTokenIsReadAgain_whenItWasRenewed(@TempDir Path folder) throws IOException {
        try (FakeKubernetes api = new FakeKubernetes(backends.vertx)) {
            api.token("first");
            Files.writeString(folder.resolve("token"), "old\n");
            api.put("echo-1", 8080, List.of("10.0.0.1"), List.of());
            Pool pool = open(
                    "kubernetes",
                    "name: echo, interval: 100ms, api-server: \"" + api.url() + "\", credentials: \"" + folder + "\"");
            Await.until("it is refused", () -> pool.state().problem() != null);
            Files.writeString(folder.resolve("token"), "first\n");
            awaitMembers(pool, "10.0.0.1:8080");
            Await.until("all is well", () -> pool.state().problem() == null);
        }
    }

    private Pool open(String kind, String rest) {
        String yaml = "health: {interval: 1h}\ndiscovery: {kind: " + kind + ", " + rest + "}";
        return backends.pools.open("p", ConfigLoader.section(PoolConfig.class, yaml));
    }

    private static void awaitMembers(Pool pool, String... names) {
        List<String> wanted = List.of(names).stream().sorted().toList();
        Await.until(
                "members are " + wanted,
                () -> pool.state().members().stream()
                        .map(PoolStatus.Member::name)
                        .sorted()
                        .toList()
                        .equals(wanted));
    }
}
