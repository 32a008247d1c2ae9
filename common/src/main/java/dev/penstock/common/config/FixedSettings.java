package dev.penstock.common.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;

/** Settings that a process reads once: sockets, stores and secrets that everything else is built upon. Pure. */
final class FixedSettings {
    private static final Map<String, Function<PenstockConfig, Object>> ALL = new TreeMap<>(Map.of(
            "server.host", config -> config.server().host(),
            "server.port", config -> config.server().port(),
            "server.management-host", config -> config.server().managementHost(),
            "server.management-port", config -> config.server().managementPort(),
            "cluster", PenstockConfig::cluster,
            "redis", PenstockConfig::redis,
            "postgres", PenstockConfig::postgres,
            "auth.secret", config -> config.auth().secret(),
            "auth.admin-key", config -> config.auth().adminKey(),
            "telemetry.slot", config -> config.telemetry().slot()));

    private FixedSettings() {}

    /** One sentence for each that differs. */
    static List<String> changed(PenstockConfig before, PenstockConfig next) {
        List<String> sentences = new ArrayList<>();
        ALL.forEach((path, value) -> {
            if (!Objects.equals(value.apply(before), value.apply(next))) {
                sentences.add(path + ": changes with a restart only; restart the process, or put the old value back");
            }
        });
        return sentences;
    }
}
