package dev.penstock.common.config;

import java.util.List;
import java.util.Map;

/** The document before it is given types: every part knows where it came from. */
sealed interface Raw {
    Origin origin();

    /**
     * Where something was written.
     *
     * @param line from 1; 0 for a variable of the environment
     */
    record Origin(String file, int line, int column) {
        /** The place of a default. */
        static final Origin NOWHERE = new Origin("default", 0, 0);

        /** The place of a variable's value. */
        static Origin variable(String name) {
            return new Origin("environment " + name, 0, 0);
        }

        /** What was never written: it stands at the head of the file. */
        static Origin head(String file) {
            return new Origin(file, 1, 1);
        }
    }

    /** Nothing was written after the key: the default holds. */
    record Absent(Origin origin) implements Raw {}

    /** A value, with references to the environment already replaced. */
    record Scalar(String text, Origin origin) implements Raw {}

    /** A sequence. */
    record Sequence(List<Raw> items, Origin origin) implements Raw {}

    /** A mapping in the order of the file. */
    record Mapping(Map<String, Entry> entries, Origin origin) implements Raw {}

    /** A key with its place, and what it holds. */
    record Entry(Origin keyOrigin, Raw value) {}
}
