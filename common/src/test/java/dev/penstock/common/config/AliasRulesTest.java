package dev.penstock.common.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an alias may not say, each told with its place. */
class AliasRulesTest {
    private static final String MODELS =
            "models: [{name: m, operations: [chat], instances: [{name: i, url: sandbox}]}]\n";

    private static String errors(String models, String aliases) {
        return switch (ConfigLoader.parse(models + "aliases: [" + aliases + "]", Map.of())) {
            case ConfigResult.Loaded good -> "";
            case ConfigResult.Rejected bad -> bad.errors().toString();
        };
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{name: m, targets: [{model: m}]} | aliases[0].name | already the name of a model",
                "{name: a b, targets: [{model: m}]} | aliases[0].name | may not be named",
                "{name: a, targets: [{model: m}]}, {name: a, targets: [{model: m}]} | aliases[1].name | already the name of an alias",
                "{name: a, targets: []} | aliases[0].targets | must stand for something",
                "{name: a, targets: [{model: m, weight: 0}]} | aliases[0].targets | add up to 0",
                "{name: a, targets: [{model: m, weight: -1}]} | aliases[0].targets[0].weight | 0",
                "{name: a, targets: [{model: m}, {model: m}]} | aliases[0].targets[1].model | a target already",
                "{name: a, targets: [{model: n}]} | aliases[0].targets[0].model | no model and no alias 'n'",
                "{name: a, targets: [{model: a}]} | aliases[0].targets[0].model | back to itself: a → a",
                "{name: a, targets: [{model: m}, {model: b}]}, {name: b, targets: [{model: a}]} | aliases[0].targets[1].model | a → b → a",
                "{name: a, spread: user, targets: [{model: m}]} | aliases[0].spread | key"
            })
    void saysWhatIsWrongAndWhere(String aliases, String path, String problem) {
        assertThat(errors(MODELS, aliases)).contains(path, problem);
    }

    @Test
    void takesChainsAndParkedTargets() {
        String chain =
                "{name: a, targets: [{model: b}, {model: m, weight: 0}]}, {name: b, spread: request, targets: [{model: m}]}";
        assertThat(errors(MODELS, chain)).isEmpty();
    }

    @Test
    void withoutModelsInTheFileAnyTargetMayBeThere() {
        assertThat(errors("", "{name: a, targets: [{model: sandbox-chat}]}")).isEmpty();
    }
}
