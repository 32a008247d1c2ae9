package dev.penstock.standalone;

import dev.penstock.common.config.AuthConfig;
import dev.penstock.common.config.ModelConfig;
import dev.penstock.common.config.PenstockConfig;
import dev.penstock.common.config.PostgresConfig;
import dev.penstock.common.config.RedisConfig;
import dev.penstock.common.config.ServerConfig;
import dev.penstock.common.config.TelemetryConfig;
import dev.penstock.common.unit.Secret;
import java.util.List;

/** The configuration with a part replaced: by what the command line says, and by what is known only once it runs. */
final class Configs {
    private Configs() {}

    static PenstockConfig withServer(PenstockConfig c, ServerConfig server) {
        return rebuilt(c, server, c.redis(), c.postgres(), c.auth(), c.models());
    }

    static PenstockConfig withAuth(PenstockConfig c, Secret secret, Secret adminKey) {
        AuthConfig a = c.auth();
        AuthConfig auth = new AuthConfig(secret, adminKey, a.refresh(), a.maxStale(), a.session());
        return rebuilt(c, c.server(), c.redis(), c.postgres(), auth, c.models());
    }

    static PenstockConfig withModels(PenstockConfig c, List<ModelConfig> models) {
        return rebuilt(c, c.server(), c.redis(), c.postgres(), c.auth(), models);
    }

    static PenstockConfig withRedisUrl(PenstockConfig c, String url) {
        RedisConfig redis =
                new RedisConfig(new Secret(url), c.redis().timeout(), c.redis().maxWaiting());
        return rebuilt(c, c.server(), redis, c.postgres(), c.auth(), c.models());
    }

    static PenstockConfig withPostgresUrl(PenstockConfig c, String url) {
        PostgresConfig p = c.postgres();
        PostgresConfig postgres =
                new PostgresConfig(new Secret(url), p.ownerUrl(), p.poolSize(), p.maxWaiting(), p.timeout());
        return rebuilt(c, c.server(), c.redis(), postgres, c.auth(), c.models());
    }

    /** The server section with another address. */
    static ServerConfig server(ServerConfig s, String host, int port) {
        return new ServerConfig(
                host,
                port,
                s.maxBody(),
                s.timeout(),
                s.idleTimeout(),
                s.drain(),
                s.allowedOrigins(),
                s.managementHost(),
                s.managementPort());
    }

    /** The server section on free ports of loopback. */
    static ServerConfig anywhere(ServerConfig s) {
        return new ServerConfig(
                "127.0.0.1",
                0,
                s.maxBody(),
                s.timeout(),
                s.idleTimeout(),
                s.drain(),
                s.allowedOrigins(),
                "127.0.0.1",
                0);
    }

    static TelemetryConfig withLogLevel(TelemetryConfig t, String level) {
        return new TelemetryConfig(t.slot(), level, t.logFormat(), t.accessLogSample(), t.slowRequest());
    }

    private static PenstockConfig rebuilt(
            PenstockConfig c,
            ServerConfig server,
            RedisConfig redis,
            PostgresConfig postgres,
            AuthConfig auth,
            List<ModelConfig> models) {
        return new PenstockConfig(
                server,
                c.cluster(),
                redis,
                postgres,
                auth,
                c.limits(),
                models,
                c.cache(),
                c.batching(),
                c.slo(),
                c.alerts(),
                c.telemetry());
    }
}
