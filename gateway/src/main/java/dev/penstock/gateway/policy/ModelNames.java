package dev.penstock.gateway.policy;

import dev.penstock.common.config.AliasConfig;
import dev.penstock.common.config.AliasConfig.Spread;
import dev.penstock.common.config.AliasTargetConfig;
import dev.penstock.common.config.ModelConfig;
import dev.penstock.common.config.PenstockConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The names that callers may write, and the models that they mean. An alias of several models deals its traffic out by
 * weight: a point between 0 and 1 falls into the stretch of one of them. Pure and immutable.
 */
public final class ModelNames {
    private final Map<String, ModelConfig> models = new HashMap<>();
    private final Map<String, Alias> aliases = new HashMap<>();
    private final List<Listed> listed = new ArrayList<>();

    /** A name as callers see it in the list of models. */
    public record Listed(String name, String ownedBy) {}

    /**
     * @param to where the model's stretch ends; the stretches begin at 0, follow one another and end at 1
     */
    private record Stretch(ModelConfig model, double to) {}

    /** A name that stands for others. */
    public record Alias(String name, Spread spread, List<ModelConfig> models, List<Double> ends) {
        public Alias {
            models = List.copyOf(models);
            ends = List.copyOf(ends);
        }

        /**
         * The model at a point.
         *
         * @param point from 0 (inclusive) to 1 (exclusive)
         */
        public ModelConfig at(double point) {
            int i = 0;
            while (i < models.size() - 1 && point >= ends.get(i)) {
                i++;
            }
            return models.get(i);
        }
    }

    /** A target that no model here has is left out, and an alias without any is none; the configuration's check names both. */
    public ModelNames(PenstockConfig config) {
        for (ModelConfig model : config.models()) {
            models.put(model.name(), model);
            listed.add(new Listed(model.name(), model.ownedBy()));
        }
        Map<String, AliasConfig> written = new HashMap<>();
        config.aliases().forEach(alias -> written.put(alias.name(), alias));
        for (AliasConfig alias : config.aliases()) {
            List<Stretch> stretches = new ArrayList<>();
            double end = stretch(alias, written, 0, 1, stretches);
            if (!stretches.isEmpty()) {
                aliases.put(
                        alias.name(),
                        new Alias(
                                alias.name(),
                                alias.spread(),
                                stretches.stream().map(Stretch::model).toList(),
                                stretches.stream().map(each -> each.to() / end).toList()));
                listed.add(new Listed(alias.name(), "penstock"));
            }
        }
    }

    /** Lays the targets of an alias on a stretch of that length, and says where they end. */
    private double stretch(
            AliasConfig alias, Map<String, AliasConfig> written, double from, double length, List<Stretch> out) {
        long sum = alias.targets().stream().mapToLong(AliasTargetConfig::weight).sum();
        double at = from;
        for (AliasTargetConfig target : alias.targets()) {
            if (target.weight() == 0) {
                continue;
            }
            double share = length * target.weight() / sum;
            ModelConfig model = models.get(target.model());
            AliasConfig further = written.get(target.model());
            if (model != null) {
                at += share;
                out.add(new Stretch(model, at));
            } else if (further != null) {
                at = stretch(further, written, at, share, out);
            }
        }
        return at;
    }

    /** The model of that name; null for none. */
    public @Nullable ModelConfig model(String name) {
        return models.get(name);
    }

    /** The alias of that name; null for none. */
    public @Nullable Alias alias(String name) {
        return aliases.get(name);
    }

    /** All names: models in the order of the configuration, then aliases. */
    public List<Listed> all() {
        return List.copyOf(listed);
    }
}
