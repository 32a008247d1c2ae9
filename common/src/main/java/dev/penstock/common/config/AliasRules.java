package dev.penstock.common.config;

import dev.penstock.common.config.ConfigRules.Violation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What must hold of aliases: each leads to models, and none to itself. Pure. */
final class AliasRules {
    private static final int MOST = 1000;

    private final List<Violation> violations;

    AliasRules(List<Violation> violations) {
        this.violations = violations;
    }

    void check(PenstockConfig config) {
        if (config.aliases().size() > MOST) {
            add("aliases", "there are more than " + MOST + " aliases", "Remove some");
            return;
        }
        Set<String> models = config.models().stream().map(ModelConfig::name).collect(Collectors.toSet());
        Map<String, AliasConfig> aliases = new HashMap<>();
        for (int i = 0; i < config.aliases().size(); i++) {
            AliasConfig alias = config.aliases().get(i);
            String path = "aliases[" + i + "].name";
            if (!ConfigRules.MODEL_NAME.matcher(alias.name()).matches()) {
                add(
                        path,
                        "an alias may not be named '" + alias.name() + "'",
                        "Use up to 128 letters, digits and . _ : / @ -, beginning with a letter or digit");
            } else if (models.contains(alias.name())) {
                add(path, "'" + alias.name() + "' is already the name of a model", "Give the alias another name");
            } else if (aliases.putIfAbsent(alias.name(), alias) != null) {
                add(path, "'" + alias.name() + "' is already the name of an alias", "Remove one of the two");
            }
        }
        for (int i = 0; i < config.aliases().size(); i++) {
            targets("aliases[" + i + "]", config.aliases().get(i), models, aliases);
        }
    }

    /** Without models in the file those of the environment or the sandbox are there, which are not known here. */
    private void targets(String path, AliasConfig alias, Set<String> models, Map<String, AliasConfig> aliases) {
        if (alias.targets().stream().mapToInt(AliasTargetConfig::weight).sum() <= 0) {
            add(
                    path + ".targets",
                    alias.targets().isEmpty() ? "an alias must stand for something" : "the weights add up to 0",
                    "Give at least one target with a weight above 0");
        }
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < alias.targets().size(); i++) {
            String target = alias.targets().get(i).model();
            String at = path + ".targets[" + i + "].model";
            if (!seen.add(target)) {
                add(at, "'" + target + "' is a target already", "Write it once, with the sum of the weights");
            }
            if (!models.isEmpty() && !models.contains(target) && !aliases.containsKey(target)) {
                add(at, "there is no model and no alias '" + target + "'", "Write a name as in models or aliases");
            }
            List<String> circle = circle(alias.name(), target, aliases, new HashSet<>());
            if (!circle.isEmpty()) {
                add(
                        at,
                        "the alias leads back to itself: " + alias.name() + " → " + String.join(" → ", circle),
                        "Let one of them name a model");
            }
        }
    }

    /** The way from {@code at} to {@code name}; empty where there is none. Looks at each alias once. */
    private static List<String> circle(String name, String at, Map<String, AliasConfig> aliases, Set<String> walked) {
        if (at.equals(name)) {
            return List.of(name);
        }
        AliasConfig alias = aliases.get(at);
        if (alias == null || !walked.add(at)) {
            return List.of();
        }
        for (AliasTargetConfig target : alias.targets()) {
            List<String> rest = circle(name, target.model(), aliases, walked);
            if (!rest.isEmpty()) {
                List<String> way = new ArrayList<>(List.of(at));
                way.addAll(rest);
                return way;
            }
        }
        return List.of();
    }

    private void add(String path, String problem, String fix) {
        violations.add(new Violation(path, problem, fix));
    }
}
