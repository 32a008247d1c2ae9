package dev.penstock.gateway.money;

import dev.penstock.common.config.ModelConfig;
import dev.penstock.common.contract.Usage;
import dev.penstock.common.telemetry.Telemetry;
import dev.penstock.common.telemetry.Telemetry.Counter;
import dev.penstock.gateway.money.policy.Price;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What is counted about money; labels are the configured models only. Thread-safe. */
public final class MoneyMetrics {
    private static final String TOKENS = "penstock_tokens_total";

    private final Telemetry telemetry;
    private final Map<String, OfModel> models = new ConcurrentHashMap<>();
    private final Counter refusals;

    private record OfModel(
            Counter spent,
            Counter saved,
            Counter unpriced,
            Counter input,
            Counter cached,
            Counter cacheWrite,
            Counter output,
            Counter reasoning) {}

    public MoneyMetrics(Telemetry telemetry, List<ModelConfig> configs) {
        this.telemetry = telemetry;
        follow(configs);
        refusals = telemetry.counter("penstock_budget_refusals_total", "Requests refused because a budget was spent.");
    }

    /** Counts these too. A model that is gone is still counted: calls that began under it end later. */
    final void follow(List<ModelConfig> configs) {
        configs.forEach(model -> models.computeIfAbsent(model.name(), name -> of(telemetry, name)));
    }

    void spent(String model, Usage usage, long cost) {
        OfModel counters = models.get(model);
        if (counters == null) {
            return;
        }
        if (cost == Price.UNPRICED) {
            counters.unpriced().increment();
        } else {
            counters.spent().add(cost);
        }
        counters.input().add(usage.inputTokens());
        counters.cached().add(usage.cachedTokens());
        counters.cacheWrite().add(usage.cacheWriteTokens());
        counters.output().add(usage.outputTokens());
        counters.reasoning().add(usage.reasoningTokens());
    }

    void saved(String model, long cost) {
        OfModel counters = models.get(model);
        if (counters != null && cost > 0) {
            counters.saved().add(cost);
        }
    }

    void refused() {
        refusals.increment();
    }

    private static OfModel of(Telemetry telemetry, String model) {
        return new OfModel(
                telemetry.counter(
                        "penstock_spend_nanodollars_total", "What attempts cost, in 1e-9 US dollars.", "model", model),
                telemetry.counter(
                        "penstock_spend_saved_nanodollars_total",
                        "What answers from a cache would have cost, in 1e-9 US dollars.",
                        "model",
                        model),
                telemetry.counter(
                        "penstock_usage_unpriced_total", "Attempts whose price is not known.", "model", model),
                tokens(telemetry, model, "input"),
                tokens(telemetry, model, "cached"),
                tokens(telemetry, model, "cache_write"),
                tokens(telemetry, model, "output"),
                tokens(telemetry, model, "reasoning"));
    }

    private static Counter tokens(Telemetry telemetry, String model, String type) {
        return telemetry.counter(TOKENS, "Tokens that backends counted.", "model", model, "type", type);
    }
}
