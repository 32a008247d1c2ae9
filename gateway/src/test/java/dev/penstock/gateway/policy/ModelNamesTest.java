package dev.penstock.gateway.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.config.ConfigLoader;
import dev.penstock.common.config.ConfigResult;
import dev.penstock.gateway.policy.ModelNames.Alias;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ModelNamesTest {
    private final ModelNames names = new ModelNames(((ConfigResult.Loaded) ConfigLoader.parse("""
            models:
              - {name: a, operations: [chat], instances: [{name: i, url: sandbox}]}
              - {name: b, operations: [chat], instances: [{name: i, url: sandbox}]}
              - {name: c, operations: [chat], instances: [{name: i, url: sandbox}]}
            aliases:
              - {name: split, targets: [{model: a, weight: 90}, {model: b, weight: 10}, {model: c, weight: 0}]}
              - {name: nested, targets: [{model: split}, {model: c}]}
            """, Map.of())).config());

    @Test
    void theShareOfATargetIsItsWeight() {
        assertThat(share("split", "a")).isEqualTo(900);
        assertThat(share("split", "b")).isEqualTo(100);
        assertThat(share("split", "c")).isZero();
    }

    @Test
    void sharesOfAnAliasInAnAliasMultiply() {
        assertThat(share("nested", "a")).isEqualTo(450);
        assertThat(share("nested", "b")).isEqualTo(50);
        assertThat(share("nested", "c")).isEqualTo(500);
    }

    @Test
    void theLastPointBelongsToTheLastTarget() {
        assertThat(alias("split").at(Math.nextDown(1.0)).name()).isEqualTo("b");
    }

    /** Of a thousand points at equal distances. */
    private long share(String alias, String model) {
        long count = 0;
        for (int i = 0; i < 1000; i++) {
            count += alias(alias).at((i + 0.5) / 1000).name().equals(model) ? 1 : 0;
        }
        return count;
    }

    private Alias alias(String name) {
        return Objects.requireNonNull(names.alias(name));
    }
}
