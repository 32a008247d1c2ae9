package dev.penstock.cache.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.cache.policy.Generations.Mark;
import dev.penstock.common.contract.CacheContract.CacheKey;
import dev.penstock.common.contract.CacheContract.CacheType;
import dev.penstock.common.contract.CacheContract.Scope;
import org.junit.jupiter.api.Test;

class GenerationsTest {
    private static final CacheKey KEY = new CacheKey("acme", CacheType.EMBEDDING, 1, 2);
    private static final CacheKey SIBLING = new CacheKey("acme", CacheType.COMPLETION, 1, 2);
    private static final CacheKey FOREIGN = new CacheKey("umbrella", CacheType.EMBEDDING, 1, 2);

    private final Generations generations = new Generations(3, 2);

    @Test
    void learn_tenant_outdatesWhatBeganBeforeAndNothingElse() {
        generations.learn(new Mark(new Scope("acme", null, null), 5));

        assertThat(generations.valid(KEY, 4)).isFalse();
        assertThat(generations.valid(KEY, 5)).isTrue();
        assertThat(generations.valid(FOREIGN, 0)).isTrue();
    }

    @Test
    void learn_tenantAndType_outdatesTheirOverlapAlone() {
        generations.learn(new Mark(new Scope("acme", CacheType.EMBEDDING, null), 5));

        assertThat(generations.valid(KEY, 4)).isFalse();
        assertThat(generations.valid(SIBLING, 0)).isTrue();
        assertThat(generations.valid(FOREIGN, 0)).isTrue();
    }

    @Test
    void learn_key_outdatesThatKeyAlone() {
        generations.learn(new Mark(new Scope(null, null, KEY), 5));

        assertThat(generations.valid(KEY, 4)).isFalse();
        assertThat(generations.valid(SIBLING, 0)).isTrue();
    }

    @Test
    void learn_everything_outdatesAll() {
        generations.learn(new Mark(Scope.EVERYTHING, 5));

        assertThat(generations.valid(FOREIGN, 4)).isFalse();
    }

    @Test
    void learn_outOfOrderOrTwice_keepsTheHighestAndSaysWhatIsNews() {
        Scope scope = new Scope("acme", null, null);

        assertThat(generations.learn(new Mark(scope, 7))).isTrue();
        assertThat(generations.learn(new Mark(scope, 5))).isFalse();
        assertThat(generations.learn(new Mark(scope, 7))).isFalse();
        assertThat(generations.overall()).isEqualTo(7);
        assertThat(generations.valid(KEY, 6)).isFalse();
    }

    @Test
    void learn_moreKeysThanFit_refusesToStoreWhatBeganBeforeTheForgotten() {
        for (int i = 1; i <= 3; i++) {
            generations.learn(new Mark(new Scope(null, null, new CacheKey("acme", CacheType.EMBEDDING, i, 0)), i));
        }

        assertThat(generations.storable(KEY, 0)).isFalse();
        assertThat(generations.storable(KEY, 1)).isTrue();
    }

    @Test
    void learn_moreTenantsThanFit_outdatesEverythingOnce() {
        for (int i = 1; i <= 4; i++) {
            generations.learn(new Mark(new Scope("tenant-" + i, null, null), i));
        }

        assertThat(generations.valid(KEY, 3)).isFalse();
        assertThat(generations.valid(KEY, 4)).isTrue();
    }

    @Test
    void above_givesBackEveryScopeThatIsNewer() {
        generations.learn(new Mark(new Scope("acme", null, null), 1));
        generations.learn(new Mark(new Scope(null, CacheType.EMBEDDING, null), 2));
        generations.learn(new Mark(new Scope(null, null, KEY), 3));
        generations.learn(new Mark(Scope.EVERYTHING, 4));

        assertThat(generations.above(1)).extracting(Mark::number).containsExactlyInAnyOrder(2L, 3L, 4L);
        assertThat(generations.above(4)).isEmpty();
    }

    @Test
    void scopeNames_roundTrip_andCoverTheirKey() {
        CacheKey odd = new CacheKey("a:b:c %*", CacheType.SHORT_TREND, -1, Long.MIN_VALUE);

        assertThat(ScopeNames.covering(odd))
                .allSatisfy(name -> assertThat(ScopeNames.parse(name)).get().satisfies(scope -> {
                    assertThat(scope.covers(odd)).isTrue();
                    assertThat(ScopeNames.of(scope)).isEqualTo(name);
                }));
        assertThat(ScopeNames.parse("z:unknown")).isEmpty();
        assertThat(ScopeNames.parse("y:NEWER_TYPE")).isEmpty();
        assertThat(ScopeNames.parse("k:EMBEDDING:1")).isEmpty();
    }
}
