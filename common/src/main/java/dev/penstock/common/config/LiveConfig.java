package dev.penstock.common.config;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The configuration in force, and the one way to another. A reload happens whole or not at all: the new document is read
 * and checked whole, every part of the process prepares for it, and only when all of them can does each go over. Reading
 * is free for all threads; {@link #reload} blocks on the disk and is for one worker thread at a time.
 */
public final class LiveConfig {
    private static final Logger log = LoggerFactory.getLogger(LiveConfig.class);

    private final Supplier<ConfigResult> source;
    private final UnaryOperator<PenstockConfig> completion;
    private final List<Part> parts = new CopyOnWriteArrayList<>();
    private final ReentrantLock reloading = new ReentrantLock();
    private volatile Version version;

    /** Something that runs under the configuration and can go over to another. */
    @FunctionalInterface
    public interface Part {
        /**
         * Makes ready what can fail, and leaves alone what runs.
         *
         * @param next in force already when the step runs
         * @return goes over, on the thread that reloads; must not fail, since others have gone over already
         * @throws IllegalArgumentException where it cannot run under {@code next}; the message names the setting and the fix
         */
        Runnable prepare(PenstockConfig before, PenstockConfig next);
    }

    /**
     * A configuration that was in force.
     *
     * @param written as read from file, environment and command line
     * @param config with what the process made or started filled in
     * @param hash of the file's content
     * @param warnings what was ignored, one sentence each
     */
    public record Version(PenstockConfig written, PenstockConfig config, String hash, List<String> warnings) {
        public Version {
            warnings = List.copyOf(warnings);
        }
    }

    /** What a reload came to. */
    public sealed interface Outcome {
        /** The document says what it said before. */
        record Unchanged(String hash) implements Outcome {}

        /** @param sections the sections of the document that differ, in their order */
        record Swapped(String hash, List<String> sections) implements Outcome {
            public Swapped {
                sections = List.copyOf(sections);
            }
        }

        /** The one before stays in force; {@code reasons} holds everything that is wrong, a line each, never nothing. */
        record Refused(List<String> reasons) implements Outcome {
            public Refused {
                reasons = List.copyOf(reasons);
            }
        }
    }

    /**
     * @param first what the process started with
     * @param source reads the document again
     * @param completion fills in what the process made or started, such as ports and secrets
     */
    public LiveConfig(Version first, Supplier<ConfigResult> source, UnaryOperator<PenstockConfig> completion) {
        this.version = first;
        this.source = source;
        this.completion = completion;
    }

    /** A configuration that never changes: for tests, and for processes that were given none by file. */
    public static LiveConfig fixed(PenstockConfig config) {
        return new LiveConfig(
                new Version(config, config, "", List.of()),
                () -> new ConfigResult.Loaded(config, "", List.of()),
                same -> same);
    }

    /** In force now. */
    public PenstockConfig config() {
        return version.config();
    }

    public Version version() {
        return version;
    }

    /** Adds a part; parts go over in the order in which they were added. */
    public void register(Part part) {
        parts.add(part);
    }

    /** Reads the document again and goes over to it if every part can. Blocks. */
    public Outcome reload() {
        reloading.lock();
        try {
            return switch (source.get()) {
                case ConfigResult.Rejected rejected ->
                    new Outcome.Refused(rejected.errors().stream()
                            .map(ConfigError::toString)
                            .toList());
                case ConfigResult.Loaded loaded -> take(loaded);
            };
        } finally {
            reloading.unlock();
        }
    }

    private Outcome take(ConfigResult.Loaded loaded) {
        Version before = version;
        List<String> sections = Changed.sections(before.written(), loaded.config());
        if (sections.isEmpty()) {
            version = new Version(before.written(), before.config(), loaded.contentHash(), loaded.warnings());
            return new Outcome.Unchanged(loaded.contentHash());
        }
        List<String> reasons = new ArrayList<>(FixedSettings.changed(before.written(), loaded.config()));
        List<Runnable> steps = new ArrayList<>();
        if (reasons.isEmpty()) {
            try {
                PenstockConfig next = completion.apply(loaded.config());
                for (Part part : parts) {
                    prepare(part, before.config(), next, steps, reasons);
                }
                if (reasons.isEmpty()) {
                    version = new Version(loaded.config(), next, loaded.contentHash(), loaded.warnings());
                }
            } catch (IllegalArgumentException e) {
                reasons.add(String.valueOf(e.getMessage()));
            }
        }
        if (!reasons.isEmpty()) {
            return new Outcome.Refused(reasons);
        }
        steps.forEach(LiveConfig::goOver);
        return new Outcome.Swapped(loaded.contentHash(), sections);
    }

    private static void prepare(
            Part part, PenstockConfig before, PenstockConfig next, List<Runnable> steps, List<String> reasons) {
        try {
            steps.add(part.prepare(before, next));
        } catch (IllegalArgumentException e) {
            reasons.add(String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            log.error("a defect keeps a part from preparing for a new configuration", e);
            reasons.add("a part cannot run under it: " + e);
        }
    }

    /** The others have gone over, or will: one that breaks its promise must not keep them from it. */
    private static void goOver(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            log.error("a defect keeps a part under the configuration before", e);
        }
    }
}
