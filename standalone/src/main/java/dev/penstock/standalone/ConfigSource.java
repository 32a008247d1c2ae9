package dev.penstock.standalone;

import dev.penstock.common.config.ConfigResult;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Where a configuration came from.
 *
 * @param file what to watch; empty where there is none, only the environment
 * @param reader reads everything again, command line included; blocks
 */
public record ConfigSource(Optional<Path> file, Supplier<ConfigResult> reader) {}
