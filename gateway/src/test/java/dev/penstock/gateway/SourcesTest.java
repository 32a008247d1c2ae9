package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What must not stand in any file of the repository: secrets, and SQL put together from values. */
class SourcesTest {
    private static final Set<String> SKIPPED =
            Set.of(".git", "target", "node_modules", "dist", ".idea", ".vscode", "data", "test-results");
    private static final long LARGEST = 2 * 1024 * 1024;

    /** The shapes that gitleaks looks for, of what we use ourselves and of what is most often leaked. */
    private static final List<Pattern> SECRETS = List.of(
            Pattern.compile("AKIA[0-9A-Z]{16}"),
            Pattern.compile("-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\\s*[A-Za-z0-9+/]{20}"),
            Pattern.compile("gh[pousr]_[A-Za-z0-9]{36}"),
            Pattern.compile("xox[baprs]-[0-9A-Za-z-]{10,}"),
            Pattern.compile("\\bsk-[A-Za-z0-9_-]{32,}"),
            Pattern.compile("AIza[0-9A-Za-z_-]{35}"),
            Pattern.compile("\\bpsk-[A-Za-z0-9]{40,}"),
            Pattern.compile("\\beyJ[A-Za-z0-9_-]{10,}\\.eyJ[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{10,}"),
            Pattern.compile("\\b(?:postgres(?:ql)?|rediss?)://[^\\s:@/\"]*:[A-Za-z0-9]{16,}@"),
            Pattern.compile("(?i:\\b[\\w-]*(?:password|secret|token|api[_-]?key))[\"']?\\s*[:=]\\s*[\"']?"
                    + "(?=[A-Za-z0-9+/]*\\d)(?=[A-Za-z0-9+/]*[a-z])(?=[A-Za-z0-9+/]*[A-Z])[A-Za-z0-9+/]{24,}={0,2}"));

    /** Made up, and worth nothing anywhere. */
    private static final Set<String> FIXTURES = Set.of(
            "psk-0123456789abcdefghijklmnopqrstuvwxyzABCDEFG",
            "psk-wrongwrongwrongwrongwrongwrongwrongwrong",
            "psk-test0000000000000000000000000000000000000000",
            "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl");

    private static final String LITERAL = "\"(?:[^\"\\\\\\n]|\\\\.)*+\"";
    private static final Pattern QUOTED = Pattern.compile(LITERAL);
    private static final Pattern CHAIN = Pattern.compile("(?:[\\w.)\\]]{1,80}\\s*\\+\\s*)?" + LITERAL
            + "(?:\\s*\\+\\s*(?:" + LITERAL + "|[\\w.]+(?:\\([^()]*\\))?))++");
    private static final Pattern FORMATTED =
            Pattern.compile("(?:\"\"\"(?:(?!\"\"\").)*+\"\"\"|" + LITERAL + ")\\s*\\.formatted\\(", Pattern.DOTALL);
    private static final Pattern SQL = Pattern.compile(
            "\\b(?:select\\s.+\\sfrom\\b|insert\\s+into|update\\s+[\\w.]+(?:\\s+\\w+)?\\s+set\\b|delete\\s+from|truncate\\s"
                    + "|alter\\s+\\w|create\\s+\\w+\\s)",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    private static final Pattern CONSTANT = Pattern.compile("(?:\\w+\\.)?[A-Z][A-Z0-9_]*");

    /** Put together from constants of the code alone: names of tables, columns and roles cannot be parameters. */
    private static final Set<String> SQL_FROM_OWN_NAMES = Set.of(
            "common/src/main/java/dev/penstock/common/store/Migrations.java",
            "embedded/src/main/java/dev/penstock/embedded/PostgresCluster.java",
            "gateway/src/main/java/dev/penstock/gateway/auth/PostgresKeys.java",
            "gateway/src/main/java/dev/penstock/gateway/privacy/PrivacyTables.java",
            "testkit/src/main/java/dev/penstock/testkit/TestServers.java");

    @Test
    void noFileHoldsASecret() {
        List<String> found = new ArrayList<>();
        walk((name, text) -> {
            for (Pattern secret : SECRETS) {
                Matcher matcher = secret.matcher(text);
                while (matcher.find()) {
                    if (!FIXTURES.contains(matcher.group())) {
                        found.add(name + ": " + matcher.group().substring(0, 12) + "…");
                    }
                }
            }
        });
        assertThat(found).isEmpty();
    }

    @Test
    void noSqlIsPutTogetherFromValues() {
        List<String> found = new ArrayList<>();
        List<String> chains = new ArrayList<>();
        walk((name, text) -> {
            if (name.endsWith(".java") && name.contains("/main/") && !SQL_FROM_OWN_NAMES.contains(name)) {
                Matcher chain = CHAIN.matcher(text);
                while (chain.find()) {
                    if (SQL.matcher(literals(chain.group())).find()) {
                        chains.add(name);
                        operands(chain.group()).forEach(value -> found.add(name + ": " + value));
                    }
                }
                Matcher formatted = FORMATTED.matcher(text);
                while (formatted.find()) {
                    if (SQL.matcher(formatted.group()).find()) {
                        found.add(name + ": .formatted(");
                    }
                }
            }
        });
        assertThat(chains).as("the check finds SQL at all").hasSizeGreaterThan(20);
        assertThat(found).isEmpty();
    }

    @Test
    void theChecksFindWhatTheyAreFor() {
        String bad = "query(\"select id from penstock.app_user where name = '\" + name + \"'\")";
        Matcher chain = CHAIN.matcher(bad);
        assertThat(chain.find()).isTrue();
        assertThat(SQL.matcher(literals(chain.group())).find()).isTrue();
        assertThat(operands(chain.group())).containsExactly("name");
        assertThat(SECRETS.stream()
                        .filter(secret ->
                                secret.matcher("AKIA" + "A".repeat(16)).find()))
                .hasSize(1);
        String leaked = "password: Zm9vYmFyYmF6" + "cXV4MTIzNDU2Nzg5MA==";
        assertThat(SECRETS.stream().filter(secret -> secret.matcher(leaked).find()))
                .hasSize(1);
    }

    private static String literals(String chain) {
        StringBuilder all = new StringBuilder();
        Matcher literal = QUOTED.matcher(chain);
        while (literal.find()) {
            all.append(literal.group(), 1, literal.group().length() - 1);
        }
        return all.toString();
    }

    /** What is neither a literal nor a constant. */
    private static List<String> operands(String chain) {
        List<String> values = new ArrayList<>();
        for (String operand : QUOTED.matcher(chain).replaceAll("").split("\\+", -1)) {
            String name = operand.strip();
            if (!name.isEmpty() && !CONSTANT.matcher(name).matches()) {
                values.add(name);
            }
        }
        return values;
    }

    private interface Look {
        void at(String name, String text);
    }

    private static void walk(Look look) {
        Path root = root();
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                    boolean skipped = SKIPPED.contains(folder.getFileName().toString());
                    return skipped ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    if (attributes.isRegularFile() && attributes.size() <= LARGEST) {
                        try {
                            look.at(root.relativize(file).toString(), Files.readString(file));
                        } catch (MalformedInputException _) {
                            // No text.
                        }
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("standalone/pom.xml"))) {
            folder = folder.getParent();
        }
        return folder;
    }
}
