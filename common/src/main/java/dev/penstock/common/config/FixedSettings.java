package dev.penstock.common.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;

/** Settings that a process reads once: sockets, stores and secrets that everything else is built upon. Pure. */
final class FixedSettings {
    private static final Map<String, Function<PenstockConfig, Object>> ALL = new TreeMap<>();

    static {
        ALL.put("server.host", config -> config.server().host());
        ALL.put("server.port", config -> config.server().port());
        ALL.put("server.management-host", config -> config.server().managementHost());
        ALL.put("server.management-port", config -> config.server().managementPort());
        ALL.put("cluster", PenstockConfig::cluster);
        ALL.put("redis", PenstockConfig::redis);
        ALL.put("postgres", PenstockConfig::postgres);
        ALL.put("auth.secret", config -> config.auth().secret());
        ALL.put("auth.admin-key", config -> config.auth().adminKey());
        ALL.put("registry", PenstockConfig::registry);
        ALL.put("telemetry.slot", config -> config.telemetry().slot());
    }

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
