package dev.penstock.common.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Reads YAML into {@link Raw}. Bounded: nesting is checked on the flat stream of events before anything recursive looks
 * at the document, and aliases are counted as often as they are used.
 */
final class YamlReader {
    private static final int MAX_CHARACTERS = 1 << 20;
    private static final int MAX_DEPTH = 32;
    private static final int MAX_NODES = 50_000;

    private final String file;
    private final Problems problems;
    private final References references;
    private int nodes;

    YamlReader(String file, Problems problems, References references) {
        this.file = file;
        this.problems = problems;
        this.references = references;
    }

    /** The document; an empty mapping where it is empty or cannot be read. */
    Raw.Mapping read(String text) {
        Raw.Mapping nothing = new Raw.Mapping(new LinkedHashMap<>(), Raw.Origin.head(file));
        try {
            Optional<Node> node = shallow(text) ? new Compose(settings()).composeString(text) : Optional.empty();
            if (node.isEmpty()) {
                return nothing;
            }
            return switch (convert(node.get(), "")) {
                case Raw.Mapping mapping -> mapping;
                case Raw.Absent absent -> nothing;
                case Raw other -> {
                    problems.add(other.origin(), "", "this is no mapping", "Write sections such as `server:`");
                    yield nothing;
                }
            };
        } catch (YamlEngineException e) {
            problems.add(
                    place(e), "", "this is no YAML: " + reason(e), "Correct the line; sections are indented by spaces");
            return nothing;
        }
    }

    private LoadSettings settings() {
        return LoadSettings.builder()
                .setLabel(file)
                .setCodePointLimit(MAX_CHARACTERS)
                .setAllowRecursiveKeys(false)
                .setMaxAliasesForCollections(MAX_NODES)
                .setUseMarks(true)
                .build();
    }

    private boolean shallow(String text) {
        int depth = 0;
        for (Event event : new Parse(settings()).parseString(text)) {
            depth += switch (event.getEventId()) {
                case MappingStart, SequenceStart -> 1;
                case MappingEnd, SequenceEnd -> -1;
                default -> 0;
            };
            if (depth > MAX_DEPTH) {
                problems.add(
                        origin(event.getStartMark()),
                        "",
                        "the document is nested deeper than " + MAX_DEPTH + " levels",
                        "No setting needs that; look for a stray bracket");
                return false;
            }
        }
        return true;
    }

    private Raw convert(Node node, String path) {
        Raw.Origin origin = origin(node.getStartMark());
        nodes++;
        if (nodes > MAX_NODES || node.isRecursive()) {
            if (nodes <= MAX_NODES + 1) {
                problems.add(origin, path, "aliases make the document too large", "Write the values out");
                nodes = MAX_NODES + 2;
            }
            return new Raw.Absent(origin);
        }
        return switch (node) {
            case MappingNode mapping -> mapping(mapping, origin, path);
            case SequenceNode sequence -> sequence(sequence, origin, path);
            case ScalarNode scalar when scalar.getTag().equals(Tag.NULL) -> new Raw.Absent(origin);
            case ScalarNode scalar -> new Raw.Scalar(references.resolve(scalar.getValue(), origin, path), origin);
            default -> new Raw.Absent(origin);
        };
    }

    private Raw sequence(SequenceNode node, Raw.Origin origin, String path) {
        List<Raw> items = new ArrayList<>();
        for (Node item : node.getValue()) {
            items.add(convert(item, path + "[" + items.size() + "]"));
        }
        return new Raw.Sequence(items, origin);
    }

    private Raw mapping(MappingNode node, Raw.Origin origin, String path) {
        Map<String, Raw.Entry> entries = new LinkedHashMap<>();
        for (NodeTuple tuple : node.getValue()) {
            Raw.Origin place = origin(tuple.getKeyNode().getStartMark());
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                problems.add(place, path, "a key must be a plain word", "Remove the brackets");
                continue;
            }
            String inner = path.isEmpty() ? key.getValue() : path + "." + key.getValue();
            Raw.Entry entry = new Raw.Entry(place, convert(tuple.getValueNode(), inner));
            Raw.Entry first = entries.putIfAbsent(key.getValue(), entry);
            if (first != null) {
                String where = "line " + first.keyOrigin().line();
                problems.add(place, inner, "this key was already given in " + where, "Keep one of the two");
            }
        }
        return new Raw.Mapping(entries, origin);
    }

    private Raw.Origin place(YamlEngineException e) {
        return e instanceof MarkedYamlEngineException marked ? origin(marked.getProblemMark()) : Raw.Origin.head(file);
    }

    private static String reason(YamlEngineException e) {
        String text = e instanceof MarkedYamlEngineException marked ? marked.getProblem() : e.getMessage();
        return text == null ? "it cannot be read" : text.lines().findFirst().orElse("it cannot be read");
    }

    private Raw.Origin origin(Optional<Mark> mark) {
        return mark.map(at -> new Raw.Origin(file, at.getLine() + 1, at.getColumn() + 1))
                .orElseGet(() -> Raw.Origin.head(file));
    }
}
