package dev.penstock.gateway.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.config.LimitClassConfig;
import dev.penstock.common.config.LimitScope;
import dev.penstock.gateway.policy.WindowSet.Decision;
import dev.penstock.gateway.policy.WindowSet.Limit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WindowSetTest {
    private static final long MINUTE = 60_000;

    @Test
    void decide_hundredAndFirst_isRefused() {
        WindowSet set = new WindowSet(List.of(new Limit("minute", MINUTE, 100), new Limit("hour", 60 * MINUTE, 1000)));
        for (int i = 0; i < 100; i++) {
            Decision decision = set.decide(1000 + i, 1);
            assertThat(decision.admitted()).isTrue();
            assertThat(decision.remaining()).isEqualTo(99 - i);
        }
        Decision refused = set.decide(1200, 1);
        assertThat(refused.admitted()).isFalse();
        assertThat(refused.window()).isEqualTo("minute");
        assertThat(refused.limit()).isEqualTo(100);
        assertThat(refused.retryMillis()).isBetween(58_000L, 63_000L);
    }

    @Test
    void decide_refusedByOneWindow_countsInNone() {
        WindowSet set = new WindowSet(List.of(new Limit("minute", MINUTE, 1), new Limit("hour", 60 * MINUTE, 2)));
        assertThat(set.decide(0, 1).admitted()).isTrue();
        assertThat(set.decide(1, 1).admitted()).isFalse();
        assertThat(set.decide(2 * MINUTE, 1).admitted()).isTrue();
        assertThat(set.decide(4 * MINUTE, 1).window()).isEqualTo("hour");
    }

    @Test
    void decide_sharedAmongGateways_admitsTheShareAndAtLeastOne() {
        WindowSet set = new WindowSet(List.of(new Limit("minute", MINUTE, 4)));
        assertThat(set.decide(0, 3).admitted()).isTrue();
        assertThat(set.decide(0, 3).admitted()).isFalse();
        assertThat(new WindowSet(List.of(new Limit("minute", MINUTE, 2)))
                        .decide(0, 5)
                        .admitted())
                .isTrue();
    }

    @Test
    void catalog_ownLimitsReplaceTheClass() {
        LimitCatalog catalog = new LimitCatalog(
                List.of(LimitClassConfig.requests("models", 5, 0, 0), LimitClassConfig.requests("ai", 0, 0, 0)));
        assertThat(key(catalog, "models", OperationClass.REFERENCE, null).requests())
                .containsExactly(new Limit("minute", MINUTE, 5));
        LimitRule analysis = key(catalog, "embeddings", OperationClass.ANALYSIS, null);
        assertThat(analysis.name()).isEqualTo("analysis");
        assertThat(analysis.requests()).hasSize(3);
        assertThat(key(catalog, "chat", OperationClass.AI, null).requests()).isEmpty();
    }

    @Test
    void catalog_theKeysOwnClassReplacesAllOthersAndAllHoldsBeside() {
        LimitCatalog catalog = new LimitCatalog(List.of(
                LimitClassConfig.requests("Gold", 5_000, 0, 0),
                LimitClassConfig.requests("models", 5, 0, 0),
                new LimitClassConfig("all", LimitScope.TEAM, 100, 0, 0, 0, 0, 0, 0, 0, 4)));
        assertThat(catalog.knows("gold")).isTrue();
        assertThat(catalog.knows("silver")).isFalse();
        assertThat(key(catalog, "models", OperationClass.REFERENCE, "gold").name())
                .isEqualTo("gold");
        assertThat(key(catalog, "models", OperationClass.REFERENCE, "silver").name())
                .isEqualTo("models");
        LimitRule team = catalog.rules(LimitScope.TEAM, "chat", OperationClass.AI, "gold", "m")
                .getFirst();
        assertThat(team.requests()).containsExactly(new Limit("second", 1000, 100, 10));
        assertThat(team.concurrent()).isEqualTo(4);
        assertThat(catalog.rules(LimitScope.ROUTE, "chat", OperationClass.AI, null, null))
                .isEmpty();
    }

    private static LimitRule key(
            LimitCatalog catalog, String operation, OperationClass operationClass, @Nullable String own) {
        return catalog.rules(LimitScope.KEY, operation, operationClass, own, null)
                .getFirst();
    }

    @Test
    void lease_serves_onlyWhileEveryLiveMemberIsHeard() {
        CoherenceLease lease = new CoherenceLease(1000);
        assertThat(lease.until(List.of(), 5, 99_999)).isEqualTo(99_999);
        assertThat(lease.until(List.of("a"), 5, 99_999)).isEqualTo(5);
        lease.heard("a", 100);
        assertThat(lease.until(List.of("a"), 100, 99_999)).isEqualTo(1100);
        assertThat(lease.until(List.of("a", "b"), 200, 99_999)).isEqualTo(200);
        lease.heard("b", 300);
        assertThat(lease.until(List.of("a", "b"), 300, 99_999)).isEqualTo(1100);
    }

    @Test
    void failover_repeatsOnlyWhatWasSurelyNotDone() {
        Failover failover = new Failover(3);
        assertThat(failover.again(1, Failover.Cause.NOT_SENT, false, 1)).isTrue();
        assertThat(failover.again(1, Failover.cause(503), false, 1)).isTrue();
        assertThat(failover.again(1, Failover.cause(500), false, 1)).isFalse();
        assertThat(failover.again(1, Failover.Cause.LOST, false, 1)).isFalse();
        assertThat(failover.again(1, Failover.Cause.LOST, true, 1)).isTrue();
        assertThat(failover.again(3, Failover.Cause.NOT_SENT, true, 1)).isFalse();
        assertThat(failover.again(1, Failover.Cause.NOT_SENT, true, 0)).isFalse();
    }
}
