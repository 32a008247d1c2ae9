package dev.penstock.common.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Settings and whole sections that a process reads once: sockets, stores and secrets that everything else is built upon,
 * and what two processes must agree on at every moment. Every other setting is followed by some part. Pure.
 */
final class FixedSettings {
    /** As they are written, in the order of the document. */
    static final List<String> PATHS = List.of(
            "server.host",
            "server.port",
            "server.management-host",
            "server.management-port",
            "server.allowed-origins",
            "server.trusted-proxies",
            "server.proxy-protocol",
            "server.h2c",
            "server.cors",
            "server.tls",
            "cluster",
            "redis",
            "postgres",
            "auth",
            "encryption",
            "cache.coherence-lease",
            "cache.max-entry",
            "batching.connect-timeout",
            "batching.lease-renewal",
            "registry",
            "telemetry.slot",
            "telemetry.log-format",
            "protection",
            "profile");

    private FixedSettings() {}

    /** One sentence for each that differs. */
    static List<String> changed(PenstockConfig before, PenstockConfig next) {
        List<String> sentences = new ArrayList<>();
        for (String path : PATHS) {
            if (!Objects.equals(value(path, before), value(path, next))) {
                sentences.add(path + ": changes with a restart only; restart the process, or put the old value back");
            }
        }
        return sentences;
    }

    /** Whether a change of the setting needs a restart. */
    static boolean covers(String setting) {
        return PATHS.stream().anyMatch(path -> setting.equals(path) || setting.startsWith(path + "."));
    }

    private static @Nullable Object value(String path, PenstockConfig config) {
        Object at = config;
        Shape.Section section = Shape.ROOT;
        for (String key : path.split("\\.", -1)) {
            Shape.Field field = section.fields().stream()
                    .filter(one -> one.key().equals(key))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("there is no setting " + path));
            Object inner = Changed.value(field.component(), (Record) Objects.requireNonNull(at));
            if (!(field.shape() instanceof Shape.Section deeper)) {
                return inner;
            }
            at = inner;
            section = deeper;
        }
        return at;
    }
}
