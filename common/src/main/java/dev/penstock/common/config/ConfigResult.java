package dev.penstock.common.config;

import java.util.List;
import java.util.stream.Collectors;

/** What reading the configuration came to. */
public sealed interface ConfigResult {
    /**
     * It is good.
     *
     * @param contentHash of the file alone, so that processes which were given the same file agree
     * @param warnings what was ignored, one sentence each
     */
    record Loaded(PenstockConfig config, String contentHash, List<String> warnings) implements ConfigResult {
        public Loaded {
            warnings = List.copyOf(warnings);
        }
    }

    /** It is not; {@code errors} holds all that is wrong, in the order of the lines, and never nothing. */
    record Rejected(List<ConfigError> errors) implements ConfigResult {
        public Rejected {
            errors = List.copyOf(errors);
        }
    }

    /**
     * The configuration, for callers that can do nothing about a bad one.
     *
     * @throws IllegalArgumentException with all errors, a line each
     */
    default PenstockConfig orThrow() {
        return switch (this) {
            case Loaded loaded -> loaded.config();
            case Rejected rejected ->
                throw new IllegalArgumentException(
                        rejected.errors().stream().map(ConfigError::toString).collect(Collectors.joining("\n")));
        };
    }
}
