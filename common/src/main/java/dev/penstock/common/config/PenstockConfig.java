package dev.penstock.common.config;

import java.util.List;
import java.util.Optional;

/** Everything that {@code penstock.yaml} can say. Immutable; a reload makes a new one and swaps it whole. */
public record PenstockConfig(
        @Setting(doc = "The public HTTP server.") ServerConfig server,

        @Setting(doc = "How processes find each other. Not used by `./penstock up`.")
        ClusterConfig cluster,

        @Setting(doc = "Redis: shared cache tier, limits, recent time series.")
        RedisConfig redis,

        @Setting(doc = "Postgres: keys, lasting cache tier, alerts.")
        PostgresConfig postgres,

        @Setting(doc = "Who may call.") AuthConfig auth,

        @Setting(doc = "Encryption of personal data and credentials in the database.")
        EncryptionConfig encryption,

        @Setting(doc = "How much a key may call. Classes that are not named keep their shipped limits.")
        List<LimitClassConfig> limits,

        @Setting(doc = "The models that callers can name. Without any, the sandbox models are there.")
        List<ModelConfig> models,

        @Setting(doc = "Further names of models, and splits of their traffic.")
        List<AliasConfig> aliases,

        @Setting(doc = "Ordinary HTTP services behind path prefixes.")
        List<RouteConfig> routes,

        @Setting(doc = "The three cache tiers.") CacheConfig cache,

        @Setting(doc = "Defaults of merging and of instance choice; a model can have its own.")
        BatchingConfig batching,

        @Setting(doc = "What models cost. A model without a price is shown as unpriced, never as free.")
        List<PriceConfig> prices,

        @Setting(doc = "What may be spent.") List<BudgetConfig> budgets,

        @Setting(doc = "Service level objectives.") SloConfig slo,
        @Setting(doc = "When and how people are told.") AlertsConfig alerts,
        @Setting(doc = "Metrics and logs.") TelemetryConfig telemetry,

        @Setting(doc = "Address lists, blocks, connection limits, rules against injection, checks of uploads.")
        ProtectionConfig protection,

        @Setting(doc = "Instances of plain services that register themselves.")
        RegistryConfig registry,

        @Setting(
                doc = "What this runs for. In production a start with weak or well-known secrets is refused.",
                value = "development")
        Profile profile) {

    public PenstockConfig {
        limits = List.copyOf(limits);
        models = List.copyOf(models);
        aliases = List.copyOf(aliases);
        prices = List.copyOf(prices);
        budgets = List.copyOf(budgets);
        routes = List.copyOf(routes);
    }

    /** The model of that name. */
    public Optional<ModelConfig> model(String name) {
        for (ModelConfig model : models) {
            if (model.name().equals(name)) {
                return Optional.of(model);
            }
        }
        return Optional.empty();
    }
}
