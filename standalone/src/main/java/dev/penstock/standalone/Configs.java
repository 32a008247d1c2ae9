package dev.penstock.standalone;

import dev.penstock.common.config.Changed;
import dev.penstock.common.config.InstanceConfig;
import dev.penstock.common.config.ModelConfig;
import dev.penstock.common.config.PenstockConfig;
import dev.penstock.common.config.PriceConfig;
import dev.penstock.common.config.ServerConfig;
import dev.penstock.common.config.TelemetryConfig;
import dev.penstock.common.unit.Money;
import dev.penstock.common.unit.Secret;
import java.util.ArrayList;
import java.util.List;

/** The configuration with a part replaced: by what the command line says, and by what is known only once it runs. */
final class Configs {
    private Configs() {}

    static PenstockConfig withServer(PenstockConfig c, ServerConfig server) {
        return Changed.with(c, "server", server);
    }

    static PenstockConfig withAuth(PenstockConfig c, Secret secret, Secret adminKey) {
        var auth = Changed.with(Changed.with(c.auth(), "secret", secret), "adminKey", adminKey);
        return Changed.with(c, "auth", auth);
    }

    static PenstockConfig withEncryptionKey(PenstockConfig c, Secret key) {
        return Changed.with(c, "encryption", Changed.with(c.encryption(), "keys", List.of(key)));
    }

    static PenstockConfig withModels(PenstockConfig c, List<ModelConfig> models) {
        return Changed.with(c, "models", models);
    }

    /** What runs in the built-in server is for trying: with a price of nothing for every instance that is {@code sandbox} and has no price. */
    static PenstockConfig withFreeSandbox(PenstockConfig c, List<ModelConfig> models) {
        List<PriceConfig> prices = new ArrayList<>(c.prices());
        for (ModelConfig model : models) {
            boolean priced = c.prices().stream()
                    .anyMatch(price -> price.model().equals(model.name())
                            && price.instance().isEmpty());
            for (InstanceConfig instance : model.instances()) {
                boolean own = c.prices().stream()
                        .anyMatch(price -> price.model().equals(model.name())
                                && price.instance().equals(instance.name()));
                if (instance.url().equals(Models.SANDBOX) && !priced && !own) {
                    Money free = Money.ZERO;
                    prices.add(new PriceConfig(model.name(), instance.name(), free, free, free, free, free, free));
                }
            }
        }
        return Changed.with(c, "prices", prices);
    }

    static PenstockConfig withRedisUrl(PenstockConfig c, String url) {
        return Changed.with(c, "redis", Changed.with(c.redis(), "url", new Secret(url)));
    }

    static PenstockConfig withPostgresUrl(PenstockConfig c, String url) {
        return Changed.with(c, "postgres", Changed.with(c.postgres(), "url", new Secret(url)));
    }

    /** The server section with another address. */
    static ServerConfig server(ServerConfig s, String host, int port) {
        return Changed.with(Changed.with(s, "host", host), "port", port);
    }

    /** The server section on free ports of loopback. */
    static ServerConfig anywhere(ServerConfig s) {
        ServerConfig local = Changed.with(server(s, "127.0.0.1", 0), "managementHost", "127.0.0.1");
        return Changed.with(local, "managementPort", 0);
    }

    static TelemetryConfig withLogLevel(TelemetryConfig t, String level) {
        return Changed.with(t, "logLevel", level);
    }
}
