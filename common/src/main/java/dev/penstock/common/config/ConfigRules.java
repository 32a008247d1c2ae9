package dev.penstock.common.config;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** What must hold between settings, or of one beyond its type and range. Pure; those of protection are in {@link ProtectionRules}. */
final class ConfigRules {
    /** Of models and aliases. */
    static final Pattern MODEL_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}");

    private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final List<String> LEVELS = List.of("trace", "debug", "info", "warn", "error");
    private static final List<String> FORMATS = List.of("json", "text");

    /** A rule that does not hold, by the path of the setting to change. */
    record Violation(String path, String problem, String fix) {}

    private final List<Violation> violations = new ArrayList<>();

    private ConfigRules() {}

    static List<Violation> check(PenstockConfig config) {
        ConfigRules rules = new ConfigRules();
        rules.models(config.models());
        new AliasRules(rules.violations).check(config);
        new LimitRules(rules::add).check(config.limits());
        rules.slo(config.slo());
        rules.telemetry(config.telemetry());
        rules.origins(config.server());
        rules.stores(config);
        new ProtectionRules(rules.violations).check(config);
        PoolRules.check("registry", config.registry(), rules.violations);
        rules.violations.addAll(MoneyRules.check(config));
        new TrustRules(rules.violations).check(config);
        new RouteRules(rules.violations)
                .check(config.routes(), config.protection().uploads());
        return List.copyOf(rules.violations);
    }

    private void models(List<ModelConfig> models) {
        Map<String, Integer> names = new HashMap<>();
        for (int i = 0; i < models.size(); i++) {
            ModelConfig model = models.get(i);
            String path = "models[" + i + "]";
            if (!MODEL_NAME.matcher(model.name()).matches()) {
                add(
                        path + ".name",
                        "a model's name may not be '" + shown(model.name()) + "'",
                        "Use up to 128 letters, digits and . _ : / @ -, beginning with a letter or digit");
            }
            unique(names, model.name(), i, path + ".name", "models");
            if (model.operations().isEmpty()) {
                add(
                        path + ".operations",
                        "a model must be able to do something",
                        "Write for example [chat] or [embeddings]");
            }
            if (model.instances().isEmpty()) {
                add(path + ".instances", "a model must run somewhere", "Give at least one instance");
            }
            instances(model.instances(), path);
            InstanceRules.check(model, path, this::add);
        }
    }

    private void instances(List<InstanceConfig> instances, String model) {
        Map<String, Integer> names = new HashMap<>();
        for (int i = 0; i < instances.size(); i++) {
            InstanceConfig instance = instances.get(i);
            String path = model + ".instances[" + i + "]";
            if (!PLAIN_NAME.matcher(instance.name()).matches()) {
                add(
                        path + ".name",
                        "an instance's name may not be '" + shown(instance.name()) + "'",
                        "Use up to 64 letters, digits and . _ -, beginning with a letter or digit");
            }
            unique(names, instance.name(), i, path + ".name", model + ".instances");
            if (!instance.url().equals("sandbox") && !http(instance.url())) {
                add(
                        path + ".url",
                        "this is no address of a model server",
                        "Write a URL such as http://127.0.0.1:8000/v1, or sandbox");
            }
        }
    }

    private void slo(SloConfig slo) {
        if (!(slo.availability() > 0 && slo.availability() < 100)) {
            add("slo.availability", "an objective lies between 0 and 100, both excluded", "Write for example 99.9");
        }
        if (slo.shortWindow().compareTo(slo.longWindow()) >= 0) {
            add(
                    "slo.short-window",
                    "the short window must be shorter than the long one",
                    "Make it shorter than slo.long-window, usually a twelfth to a sixth of it");
        }
    }

    private void telemetry(TelemetryConfig telemetry) {
        oneOf("telemetry.log-level", telemetry.logLevel(), LEVELS);
        oneOf("telemetry.log-format", telemetry.logFormat(), FORMATS);
    }

    private void origins(ServerConfig server) {
        for (int i = 0; i < server.allowedOrigins().size(); i++) {
            String origin = server.allowedOrigins().get(i);
            if (!http(origin) || origin.indexOf('/', origin.indexOf("//") + 2) >= 0) {
                add(
                        "server.allowed-origins[" + i + "]",
                        "'" + shown(origin) + "' is no origin",
                        "Write scheme, host and port only, such as https://app.example.com");
            }
        }
    }

    /** The URLs hold passwords, so they are never shown. */
    private void stores(PenstockConfig config) {
        scheme("redis.url", config.redis().url().reveal(), List.of("redis", "rediss", "redis+sentinel"));
        List<String> postgres = List.of("postgresql", "postgres");
        scheme("postgres.url", config.postgres().url().reveal(), postgres);
        scheme("postgres.owner-url", config.postgres().ownerUrl().reveal(), postgres);
    }

    private void scheme(String path, String url, List<String> allowed) {
        int end = url.indexOf("://");
        if (!url.isEmpty() && (end < 0 || !allowed.contains(url.substring(0, end)))) {
            add(path, "this URL does not begin with " + allowed.getFirst() + "://", "Correct the URL");
        }
    }

    private void oneOf(String path, String value, List<String> allowed) {
        if (!allowed.contains(value)) {
            add(path, "'" + shown(value) + "' is not known here", "Write one of " + String.join(", ", allowed));
        }
    }

    private void unique(Map<String, Integer> seen, String name, int index, String path, String list) {
        Integer first = seen.putIfAbsent(name, index);
        if (first != null) {
            add(
                    path,
                    "'" + shown(name) + "' is already the name of " + list + "[" + first + "]",
                    "Give it another name");
        }
    }

    private static boolean http(String text) {
        try {
            URI uri = URI.create(text);
            return uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String shown(String text) {
        return text.length() <= 60 ? text : text.substring(0, 60) + "…";
    }

    private void add(String path, String problem, String fix) {
        violations.add(new Violation(path, problem, fix));
    }
}
