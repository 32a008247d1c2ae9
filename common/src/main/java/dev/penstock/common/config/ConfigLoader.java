package dev.penstock.common.config;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code penstock.yaml} and the environment into {@link PenstockConfig}, or says everything that is wrong with
 * them. Has no state; blocks on the disk, so it does not belong on an event loop.
 */
public final class ConfigLoader {
    private static final long MAX_BYTES = 1 << 20;
    private static final int HASH_BYTES = 8;
    private static final String NO_FILE = "defaults";

    private ConfigLoader() {}

    /** The configuration of an empty file in an empty environment. */
    public static PenstockConfig defaults() {
        return parse("", Map.of()).orThrow();
    }

    /**
     * Reads a file.
     *
     * @param file null for none: defaults and environment alone
     * @param environment the variables of the process; only the command line knows the real ones
     */
    public static ConfigResult load(@Nullable Path file, Map<String, String> environment) {
        if (file == null) {
            return read(NO_FILE, new byte[0], environment);
        }
        String name = file.toString();
        try {
            if (Files.isDirectory(file)) {
                return refused(name, "this is a folder", "Name the file in it");
            }
            if (Files.size(file) > MAX_BYTES) {
                return refused(name, "the file is larger than 1 MiB", "Name the configuration file");
            }
            return read(name, Files.readAllBytes(file), environment);
        } catch (NoSuchFileException e) {
            return refused(name, "there is no such file", "Check the path");
        } catch (IOException e) {
            return refused(name, "the file cannot be read", "Make it readable for this user");
        }
    }

    /** Reads a text as if it were a file. */
    public static ConfigResult parse(String yaml, Map<String, String> environment) {
        return read("penstock.yaml", yaml.getBytes(StandardCharsets.UTF_8), environment);
    }

    /**
     * One section on its own, as it would stand under its key; the rules between settings are not checked.
     *
     * @throws IllegalArgumentException with all that is wrong
     */
    public static <T extends Record> T section(Class<T> type, String yaml) {
        Problems problems = new Problems();
        Raw.Mapping document = new YamlReader("section", problems, new References(Map.of(), problems)).read(yaml);
        Record made = new Binder(problems).section(document, Shape.section(type), "");
        if (!problems.none()) {
            throw new IllegalArgumentException(problems.sorted().toString());
        }
        return type.cast(made);
    }

    private static ConfigResult read(String name, byte[] bytes, Map<String, String> environment) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return refused(name, "the file is not written in UTF-8", "Save it as UTF-8");
        }
        Problems problems = new Problems();
        Raw.Mapping document = new YamlReader(name, problems, new References(environment, problems)).read(text);
        EnvironmentOverrides overrides = new EnvironmentOverrides(environment, problems);
        Binder binder = new Binder(problems);
        PenstockConfig config = binder.bind(overrides.apply(document));
        for (ConfigRules.Violation violation : ConfigRules.check(config)) {
            if (!problems.covers(violation.path())) {
                problems.add(binder.place(violation.path()), violation.path(), violation.problem(), violation.fix());
            }
        }
        return problems.none()
                ? new ConfigResult.Loaded(config, hash(bytes), overrides.warnings())
                : new ConfigResult.Rejected(problems.sorted());
    }

    private static ConfigResult refused(String file, String problem, String fix) {
        return new ConfigResult.Rejected(List.of(new ConfigError(file, 0, 0, "", problem, fix)));
    }

    private static String hash(byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return HexFormat.of().formatHex(digest, 0, HASH_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
