package dev.penstock.common.config;

import dev.penstock.common.unit.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Lays {@code PENSTOCK_<KEY>} over the document. A key's variable is its path in upper case with dots and hyphens as
 * {@code _}, items of a list by index; a secret may instead stand in the file that {@code PENSTOCK_<KEY>_FILE} names.
 */
final class EnvironmentOverrides {
    static final String PREFIX = "PENSTOCK";
    /** Short names that people and the command line use. */
    private static final Map<String, String> SHORT = Map.of(
            "PENSTOCK_ADMIN_KEY", "PENSTOCK_AUTH_ADMIN_KEY",
            "PENSTOCK_ADMIN_KEY_FILE", "PENSTOCK_AUTH_ADMIN_KEY_FILE",
            "PENSTOCK_HOST", "PENSTOCK_SERVER_HOST",
            "PENSTOCK_PORT", "PENSTOCK_SERVER_PORT");
    /** Read by the command line, not from the document. */
    private static final Set<String> FOREIGN = Set.of("PENSTOCK_DATA", "PENSTOCK_CONFIG", "PENSTOCK_JAVA_OPTS");

    private static final long MAX_SECRET_FILE = 64 * 1024;

    private final Map<String, String> variables = new TreeMap<>();
    private final Set<String> used = new TreeSet<>();
    private final Set<String> known = new TreeSet<>();
    private final Problems problems;

    EnvironmentOverrides(Map<String, String> environment, Problems problems) {
        this.problems = problems;
        environment.forEach((name, value) -> {
            if (name.startsWith(PREFIX + "_") && !fromKubernetes(name, value)) {
                variables.put(name, value);
            }
        });
        SHORT.forEach((brief, full) -> {
            String value = variables.remove(brief);
            if (value != null) {
                variables.putIfAbsent(full, value);
            }
        });
    }

    /** Kubernetes sets variables like these for a service that is named penstock or penstock-something. */
    private static boolean fromKubernetes(String name, String value) {
        return value.startsWith("tcp://")
                || name.matches("PENSTOCK(_[A-Z0-9_]+)?_PORT_\\d+_(TCP|UDP)(_(PORT|PROTO|ADDR))?")
                || name.matches("PENSTOCK(_[A-Z0-9_]+)?_SERVICE_(HOST|PORT)(_[A-Z0-9_]+)?");
    }

    Raw.Mapping apply(Raw.Mapping document) {
        return variables.isEmpty() ? document : section(document, Shape.ROOT, PREFIX);
    }

    /** A sentence for each variable that named nothing. */
    List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        for (String name : variables.keySet()) {
            if (!used.contains(name) && !FOREIGN.contains(name)) {
                String meant = Nearest.to(name, known)
                        .map(near -> " Did you mean " + near + "?")
                        .orElse("");
                warnings.add("The environment variable " + name + " names no setting and is ignored." + meant);
            }
        }
        return warnings;
    }

    static String variable(String prefix, String key) {
        return prefix + "_" + key.toUpperCase(Locale.ROOT).replace('-', '_').replace('.', '_');
    }

    private Raw.Mapping section(Raw.Mapping mapping, Shape.Section shape, String prefix) {
        Map<String, Raw.Entry> entries = new LinkedHashMap<>(mapping.entries());
        for (Shape.Field field : shape.fields()) {
            String name = variable(prefix, field.key());
            Raw.Entry entry = entries.get(field.key());
            Optional<Raw> before = Optional.ofNullable(entry).map(Raw.Entry::value);
            overridden(before, field.shape(), name).ifPresent(value -> {
                Raw.Origin origin = entry == null ? value.origin() : entry.keyOrigin();
                entries.put(field.key(), new Raw.Entry(origin, value));
            });
        }
        return new Raw.Mapping(entries, mapping.origin());
    }

    /** Empty where the environment says nothing about this place. */
    private Optional<Raw> overridden(Optional<Raw> before, Shape shape, String name) {
        return switch (shape) {
            case Shape.Leaf leaf -> leaf(leaf, name);
            case Shape.Items items -> items(before, items, name);
            case Shape.Entries entries -> entries(before, entries, name);
            case Shape.Section section -> {
                Raw.Mapping mapping = before.orElse(null) instanceof Raw.Mapping given
                        ? given
                        : new Raw.Mapping(Map.of(), Raw.Origin.variable(name));
                boolean wrongKind = before.isPresent() && !(before.get() instanceof Raw.Mapping || absent(before));
                Raw.Mapping result = section(mapping, section, name);
                yield wrongKind || result.entries().equals(mapping.entries()) ? Optional.empty() : Optional.of(result);
            }
        };
    }

    private static boolean absent(Optional<Raw> raw) {
        return raw.orElse(null) instanceof Raw.Absent;
    }

    private Optional<Raw> leaf(Shape.Leaf leaf, String name) {
        Optional<Raw> value = text(name);
        if (leaf.type() == Secret.class) {
            return value.or(() -> secretFile(name + "_FILE"));
        }
        return value;
    }

    private Optional<Raw> text(String name) {
        known.add(name);
        String value = variables.get(name);
        if (value == null) {
            return Optional.empty();
        }
        used.add(name);
        return Optional.of(new Raw.Scalar(value, Raw.Origin.variable(name)));
    }

    private Optional<Raw> secretFile(String name) {
        return text(name).map(raw -> {
            Path path = Path.of(((Raw.Scalar) raw).text());
            try {
                if (Files.size(path) > MAX_SECRET_FILE) {
                    problems.add(raw.origin(), "", path + " is too large for a secret", "Name the file of the secret");
                    return raw;
                }
                return new Raw.Scalar(Files.readString(path).strip(), raw.origin());
            } catch (IOException e) {
                problems.add(raw.origin(), "", path + " cannot be read", "Make it a file that this user may read");
                return raw;
            }
        });
    }

    private Optional<Raw> items(Optional<Raw> before, Shape.Items shape, String name) {
        Optional<Raw> whole = shape.item() instanceof Shape.Leaf ? text(name) : Optional.empty();
        if (whole.isPresent()) {
            return whole;
        }
        List<Raw> items = new ArrayList<>();
        if (before.orElse(null) instanceof Raw.Sequence sequence) {
            items.addAll(sequence.items());
        }
        boolean changed = false;
        int index = 0;
        while (index < items.size() || named(name + "_" + index)) {
            Optional<Raw> item = index < items.size() ? Optional.of(items.get(index)) : Optional.empty();
            Optional<Raw> value = overridden(item, shape.item(), name + "_" + index);
            if (value.isPresent() && item.isPresent()) {
                items.set(index, value.get());
            } else if (value.isPresent()) {
                items.add(value.get());
            } else if (item.isEmpty()) {
                break;
            }
            changed |= value.isPresent();
            index++;
        }
        Raw.Origin origin = before.map(Raw::origin).orElseGet(() -> Raw.Origin.variable(name));
        return changed ? Optional.of(new Raw.Sequence(items, origin)) : Optional.empty();
    }

    private boolean named(String name) {
        return variables.keySet().stream()
                .anyMatch(variable -> variable.equals(name) || variable.startsWith(name + "_"));
    }

    /** Only names that the file gives: a variable cannot say how a free name is written. */
    private Optional<Raw> entries(Optional<Raw> before, Shape.Entries shape, String name) {
        if (!(before.orElse(null) instanceof Raw.Mapping mapping)) {
            return Optional.empty();
        }
        Map<String, Raw.Entry> entries = new LinkedHashMap<>(mapping.entries());
        entries.replaceAll((key, entry) -> overridden(Optional.of(entry.value()), shape.value(), variable(name, key))
                .map(value -> new Raw.Entry(entry.keyOrigin(), value))
                .orElse(entry));
        return entries.equals(mapping.entries())
                ? Optional.empty()
                : Optional.of(new Raw.Mapping(entries, mapping.origin()));
    }
}
