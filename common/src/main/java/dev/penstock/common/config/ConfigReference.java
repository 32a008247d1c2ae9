package dev.penstock.common.config;

import dev.penstock.common.unit.DataSize;
import dev.penstock.common.unit.Money;
import dev.penstock.common.unit.Secret;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** The text of {@code docs/configuration.md}, made of the records, so that it cannot differ from what is read. */
public final class ConfigReference {
    private static final String HEAD = """
            <!-- Generated from the records in common/src/main/java/dev/penstock/common/config; do not edit.
                 To regenerate: mvn -pl common test -Dtest=ConfigDocsTest -Dpenstock.docs.write=true -->
            # Configuration

            One YAML file says everything; each key can also be given by an environment variable, which wins over the file.
            Without a file the defaults below hold. `./penstock check-config FILE` tells everything that is wrong with a file at
            once, each with its line and what to write instead. Editors can complete and check with
            [penstock.schema.json](penstock.schema.json): put
            `# yaml-language-server: $schema=docs/penstock.schema.json` at the head of the file.

            - **Durations** are written `250ms`, `5s`, `10m`, `24h`, `7d`, or together as `1h30m`. **Sizes** are written `512B`,
              `64KiB`, `64MiB`, `1GiB`.
            - **References**: `${NAME}` in any value is replaced by that environment variable, and `${NAME:-default}` by the
              default where it is not set or empty. `$${` stands for `${`.
            - **Variables**: the path of the key in upper case with `PENSTOCK_` before it, dots and hyphens as `_`, items of lists by
              their number from 0: `models[0].instances[1].url` is `PENSTOCK_MODELS_0_INSTANCES_1_URL`. A list of plain values can
              be given at once, with commas between. `#` stands for the number below.
            - **Secrets** can also stand in a file of their own, which the variable with `_FILE` at its end names.
            - Short names: `PENSTOCK_HOST`, `PENSTOCK_PORT` and `PENSTOCK_ADMIN_KEY` stand for `server.host`, `server.port` and
              `auth.admin-key`. A `PENSTOCK_…` variable that names nothing is warned about.
            - A key that is not known, is given twice, or has the wrong kind of value is an error.

            ## Example

            ```yaml
            """;

    private static final String EXAMPLE = """
            server:
              host: 0.0.0.0
              port: 8080
              max-body: 20MiB

            redis:
              url: ${REDIS_URL:-}
            postgres:
              url: ${DATABASE_URL:-}

            limits:
              - name: analysis
                per-minute: 600
                per-hour: 20000

            models:
              - name: text-embedding-3-small
                operations: [embeddings]
                max-items: 64
                instances:
                  - name: openai
                    url: https://api.openai.com/v1
                    api-key: ${OPENAI_API_KEY:-}
              - name: llama
                operations: [chat]
                instances:
                  - name: gpu-1
                    url: http://10.0.0.11:8000/v1
                    model: meta-llama/Llama-3.1-8B-Instruct
                    max-concurrency: 128
                  - name: gpu-2
                    url: http://10.0.0.12:8000/v1
                    model: meta-llama/Llama-3.1-8B-Instruct
                    weight: 2

            slo:
              availability: 99.9

            telemetry:
              log-level: info
            """;

    private ConfigReference() {}

    /** A file that shows the usual keys; it can be loaded as it is. */
    public static String example() {
        return EXAMPLE;
    }

    /** The whole page; ends in a line feed. */
    public static String markdown() {
        StringBuilder page = new StringBuilder(HEAD).append(EXAMPLE).append("```\n");
        Deque<Table> open = new ArrayDeque<>();
        Shape.Section root = Shape.ROOT;
        for (Shape.Field field : root.fields()) {
            Shape.Section section = sectionOf(field.shape());
            if (section != null) {
                open.add(Table.of(field, "", EnvironmentOverrides.PREFIX, section));
            }
        }
        while (!open.isEmpty()) {
            Table table = open.poll();
            table.write(page);
            // What is inside a section follows it at once.
            Deque<Table> inner = new ArrayDeque<>();
            for (Shape.Field field : table.section().fields()) {
                Shape.Section section = sectionOf(field.shape());
                if (section != null) {
                    inner.push(Table.of(field, table.path() + ".", table.variable(), section));
                }
            }
            inner.forEach(open::addFirst);
        }
        return page.toString();
    }

    private static Shape.@Nullable Section sectionOf(Shape shape) {
        return switch (shape) {
            case Shape.Section section -> section;
            case Shape.Items items -> sectionOf(items.item());
            case Shape.Entries entries -> sectionOf(entries.value());
            case Shape.Leaf _ -> null;
        };
    }

    /** One section of the page. */
    private record Table(String path, String variable, String doc, Shape.Section section) {
        static Table of(Shape.Field field, String outer, String prefix, Shape.Section section) {
            String variable = EnvironmentOverrides.variable(prefix, field.key());
            String path = outer + field.key();
            return switch (field.shape()) {
                case Shape.Items _ ->
                    new Table(path + "[]", variable + "_#", field.setting().doc(), section);
                case Shape.Entries _ ->
                    new Table(
                            path + ".<name>",
                            variable + "_<NAME>",
                            field.setting().doc(),
                            section);
                default -> new Table(path, variable, field.setting().doc(), section);
            };
        }

        void write(StringBuilder page) {
            page.append("\n## `").append(path).append("`\n\n").append(doc).append("\n\n");
            page.append("| key | type | default | range | variable | meaning |\n|---|---|---|---|---|---|\n");
            for (Shape.Field field : section.fields()) {
                page.append("| `").append(field.key()).append("` | ");
                page.append(type(field.shape())).append(" | ");
                page.append(defaultOf(field)).append(" | ");
                page.append(range(field)).append(" | `");
                page.append(variableOf(field)).append("` | ");
                page.append(field.setting().doc().replace("|", "\\|")).append(" |\n");
            }
        }

        private String variableOf(Shape.Field field) {
            String name = EnvironmentOverrides.variable(variable, field.key());
            boolean sections = sectionOf(field.shape()) != null;
            return sections && field.shape() instanceof Shape.Items ? name + "_#_…" : sections ? name + "_…" : name;
        }
    }

    private static String type(Shape shape) {
        return switch (shape) {
            case Shape.Section _ -> "section";
            case Shape.Items items -> "list of " + plural(type(items.item()));
            case Shape.Entries entries -> "names to " + plural(type(entries.value()));
            case Shape.Leaf leaf -> type(leaf.type());
        };
    }

    private static String plural(String type) {
        return type.startsWith("`") ? type : type + "s";
    }

    private static String type(Class<?> type) {
        if (type.isEnum()) {
            return "`" + String.join("`, `", Shape.names(type)) + "`";
        }
        if (type == Duration.class) {
            return "duration";
        }
        if (type == DataSize.class) {
            return "size";
        }
        if (type == Money.class) {
            return "amount";
        }
        if (type == Secret.class) {
            return "secret";
        }
        if (type == String.class) {
            return "text";
        }
        return switch (type.getSimpleName()) {
            case "boolean", "Boolean" -> "`true`, `false`";
            case "double", "Double" -> "number";
            default -> "whole number";
        };
    }

    private static String defaultOf(Shape.Field field) {
        if (field.required()) {
            return "**required**";
        }
        return field.setting().value().isEmpty() ? "" : "`" + field.setting().value() + "`";
    }

    private static String range(Shape.Field field) {
        Setting setting = field.setting();
        String least = setting.min() == Long.MIN_VALUE ? "" : limit(field.shape(), setting.min());
        String most = setting.max() == Long.MAX_VALUE ? "" : limit(field.shape(), setting.max());
        if (least.isEmpty() && most.isEmpty()) {
            return "";
        }
        return most.isEmpty() ? "from " + least : least.isEmpty() ? "to " + most : least + " to " + most;
    }

    private static String limit(Shape shape, long value) {
        if (shape instanceof Shape.Leaf leaf && leaf.type() == Duration.class) {
            return value % 1_000 == 0 && value > 0 ? value / 1_000 + "s" : value + "ms";
        }
        if (shape instanceof Shape.Leaf leaf && leaf.type() == DataSize.class) {
            return new DataSize(value).toString();
        }
        if (shape instanceof Shape.Leaf leaf && leaf.type() == Money.class) {
            return new Money(value).toString();
        }
        return Long.toString(value);
    }
}
