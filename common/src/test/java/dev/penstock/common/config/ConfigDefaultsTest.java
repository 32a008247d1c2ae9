package dev.penstock.common.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.unit.DataSize;
import dev.penstock.common.unit.Money;
import dev.penstock.common.unit.Secret;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Defaults are promises: changing one is meant to be seen here. */
class ConfigDefaultsTest {
    private final PenstockConfig config = ConfigLoader.defaults();

    @Test
    void serverAndClusterDefaultsAreFrozen() {
        assertThat(config.server())
                .isEqualTo(new ServerConfig(
                        "127.0.0.1",
                        8080,
                        DataSize.ofMebibytes(20),
                        Duration.ofMinutes(10),
                        Duration.ofSeconds(75),
                        Duration.ofSeconds(25),
                        List.of(),
                        "127.0.0.1",
                        9464,
                        List.of(),
                        false,
                        false,
                        config.server().cors(),
                        new TlsConfig(
                                "", "", "", TlsConfig.ClientCertificates.NONE, Duration.ofSeconds(10), 0, false)));
        assertThat(config.cluster())
                .isEqualTo(new ClusterConfig("", 5701, 0, List.of(), "penstock", new ClusterTlsConfig("", "", "")));
    }

    @Test
    void storeAndAuthDefaultsAreFrozen() {
        Secret none = new Secret("");
        assertThat(config.redis()).isEqualTo(new RedisConfig(none, Duration.ofMillis(250), 4096));
        assertThat(config.postgres()).isEqualTo(new PostgresConfig(none, none, 8, 512, Duration.ofSeconds(3)));
        assertThat(config.auth())
                .isEqualTo(new AuthConfig(
                        none,
                        none,
                        List.of(),
                        Duration.ofMillis(500),
                        Duration.ofMinutes(15),
                        Duration.ofHours(12),
                        Duration.ofMinutes(15),
                        Duration.ofDays(14),
                        12,
                        16,
                        List.of()));
    }

    @Test
    void withoutEncryptionKeysThereAreNone() {
        assertThat(config.encryption()).isEqualTo(new EncryptionConfig(List.of()));
    }

    @Test
    void workDefaultsAreFrozen() {
        assertThat(config.limits()).isEmpty();
        assertThat(config.models()).isEmpty();
        assertThat(config.aliases()).isEmpty();
        assertThat(config.prices()).isEmpty();
        assertThat(config.budgets()).isEmpty();
        assertThat(config.cache())
                .isEqualTo(new CacheConfig(
                        true,
                        DataSize.ofMebibytes(64),
                        DataSize.ofMebibytes(64),
                        Duration.ofSeconds(1),
                        Duration.ofHours(24),
                        Duration.ofHours(1),
                        Duration.ofMinutes(15),
                        Duration.ofHours(24),
                        Duration.ofMillis(500),
                        DataSize.ofMebibytes(2)));
        assertThat(config.batching())
                .isEqualTo(new BatchingConfig(
                        32,
                        300_000,
                        1,
                        10_000,
                        3,
                        5,
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(3),
                        Duration.ofSeconds(2)));
    }

    @Test
    void watchingDefaultsAreFrozen() {
        assertThat(config.slo()).isEqualTo(new SloConfig(99.9, Duration.ofMinutes(1), Duration.ofSeconds(10), 144, 20));
        assertThat(config.alerts())
                .isEqualTo(new AlertsConfig(Duration.ofSeconds(15), Duration.ofMinutes(2), Duration.ofHours(24), 20));
        assertThat(config.telemetry())
                .isEqualTo(new TelemetryConfig(Duration.ofSeconds(5), "info", "json", 100, Duration.ofSeconds(5)));
    }

    @Test
    void protectionDefaultsAreFrozen() {
        assertThat(config.profile()).isEqualTo(Profile.DEVELOPMENT);
        RuleMode block = RuleMode.BLOCK;
        assertThat(config.protection())
                .isEqualTo(new ProtectionConfig(
                        List.of(),
                        List.of(),
                        List.of("127.0.0.0/8", "::1/128"),
                        new BlockConfig(
                                true,
                                Duration.ofMinutes(1),
                                10,
                                5,
                                40,
                                5,
                                5,
                                1,
                                Duration.ofMinutes(10),
                                Duration.ofDays(1)),
                        new ConnectionsConfig(
                                512,
                                20_000,
                                Duration.ofSeconds(10),
                                new DataSize(64),
                                Duration.ofSeconds(10),
                                0,
                                128,
                                200),
                        new RulesConfig(block, block, block, block, block, List.of()),
                        new UploadsConfig(
                                DataSize.ofMebibytes(100),
                                DataSize.ofMebibytes(1024),
                                DataSize.ofMebibytes(1024),
                                100,
                                10_000,
                                3,
                                "",
                                Duration.ofSeconds(30))));
        CorsConfig cors = config.server().cors();
        assertThat(cors.origins()).isEmpty();
        assertThat(cors.credentials()).isFalse();
        assertThat(cors.headers())
                .contains("authorization", "x-api-key", "idempotency-key")
                .doesNotContain("*");
    }

    @Test
    void aBudgetNeedsOnlyItsNameWhoseItIsAndALimit() {
        BudgetConfig budget = ConfigLoader.parse(
                        "budgets: [{name: b, scope: team, subject: red, limit: 1.50usd}]", Map.of())
                .orThrow()
                .budgets()
                .getFirst();
        assertThat(budget)
                .isEqualTo(new BudgetConfig(
                        "b",
                        BudgetConfig.Scope.TEAM,
                        "red",
                        BudgetConfig.Period.MONTH,
                        new Money(1_500_000_000L),
                        true,
                        List.of(50, 80, 100)));
    }

    @Test
    void aRouteNeedsOnlyItsNameItsPrefixAndAnInstance() {
        RouteConfig route = ConfigLoader.parse("""
                        routes:
                          - name: shop
                            prefix: /shop
                            pool: {instances: [{url: "http://127.0.0.1:9000"}]}
                        """, Map.of()).orThrow().routes().getFirst();
        assertThat(route.host()).isEmpty();
        assertThat(route.methods()).isEmpty();
        assertThat(route.auth()).isEqualTo(new RouteAuthConfig(false, RouteAuthConfig.Level.USER, false));
        assertThat(route.limitClass()).isEqualTo(RouteConfig.LimitClass.UPSTREAM);
        assertThat(route.timeouts()).isEqualTo(new RouteTimeoutsConfig(Duration.ofSeconds(60), Duration.ofMinutes(10)));
        assertThat(route.path()).isEqualTo(new RoutePathConfig(false, ""));
        assertThat(route.maxBody()).isEqualTo(DataSize.ofMebibytes(20));
        assertThat(route.contentTypes()).isEmpty();
        assertThat(route.validation()).isEqualTo(new RouteValidationConfig("", "", DataSize.ofMebibytes(1)));
        assertThat(route.maxRepeatBody()).isEqualTo(new DataSize(64 * 1024));
        assertThat(route.websocket()).isFalse();
        assertThat(route.preserveHost()).isFalse();
        assertThat(route.checkUploads()).isFalse();
    }

    @Test
    void aModelNeedsOnlyItsNameItsOperationsAndAPlace() {
        ModelConfig model = ConfigLoader.parse("""
                        models:
                          - name: m
                            operations: [chat, embeddings]
                            instances: [{name: a, url: sandbox}]
                        """, Map.of()).orThrow().models().getFirst();
        assertThat(model.ownedBy()).isEqualTo("penstock");
        assertThat(model.timeout()).isEqualTo(Duration.ofMinutes(10));
        assertThat(model.maxItems()).isNull();
        assertThat(model.version()).isEmpty();
        assertThat(model.instances())
                .containsExactly(
                        new InstanceConfig("a", "sandbox", new Secret(""), "", 1, 64, Api.OPENAI, "", "", null));
    }

    @Test
    void aLimitIsPerKeyAndLimitsNothingUnlessItSaysSo() {
        LimitClassConfig limit = ConfigLoader.parse("limits: [{name: ai}]", Map.of())
                .orThrow()
                .limits()
                .getFirst();
        assertThat(limit).isEqualTo(new LimitClassConfig("ai", LimitScope.KEY, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        LimitClassConfig team = ConfigLoader.parse("limits: [{name: ai, for: team, concurrent: 3}]", Map.of())
                .orThrow()
                .limits()
                .getFirst();
        assertThat(team.scope()).isEqualTo(LimitScope.TEAM);
    }
}
