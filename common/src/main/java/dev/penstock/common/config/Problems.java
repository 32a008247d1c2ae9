package dev.penstock.common.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects all that is wrong, so that it is told at once. */
final class Problems {
    /** Who writes more than this many mistakes has given us the wrong file. */
    private static final int MOST = 100;

    private final List<ConfigError> errors = new ArrayList<>();

    void add(Raw.Origin origin, String key, String problem, String fix) {
        if (errors.size() < MOST) {
            errors.add(new ConfigError(origin.file(), origin.line(), origin.column(), key, problem, fix));
        }
    }

    boolean none() {
        return errors.isEmpty();
    }

    /** Whether {@code path}, something in it, or what it is in, was already found wrong. */
    boolean covers(String path) {
        return errors.stream().anyMatch(error -> within(error.key(), path) || within(path, error.key()));
    }

    private static boolean within(String path, String outer) {
        return path.equals(outer) || path.startsWith(outer + ".") || path.startsWith(outer + "[");
    }

    /** By line, what has none at the end; the order of finding otherwise. */
    List<ConfigError> sorted() {
        Comparator<ConfigError> byLine =
                Comparator.comparingInt(error -> error.line() == 0 ? Integer.MAX_VALUE : error.line());
        return errors.stream()
                .sorted(byLine.thenComparingInt(ConfigError::column))
                .toList();
    }
}
