package dev.penstock.gateway.guard.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.config.ConfigLoader;
import dev.penstock.common.config.RuleMode;
import dev.penstock.common.config.RulesConfig;
import dev.penstock.gateway.guard.policy.RuleSet.Match;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RuleSetTest {
    private static final RuleSet RULES = new RuleSet(rules(""));

    static List<String> good() {
        return lines("/rules/good.txt");
    }

    static List<String> bad() {
        return lines("/rules/bad.txt");
    }

    @ParameterizedTest
    @MethodSource("good")
    void letsGoodTrafficPass(String line) {
        assertThat(judge(RULES, line)).isNull();
    }

    @ParameterizedTest
    @MethodSource("bad")
    void blocksEachSampleByAnAlertOfItsClass(String line) {
        String type = line.substring(0, line.indexOf(' '));
        String request = line.substring(line.indexOf(' ') + 1);
        Match match = judge(RULES, request);
        assertThat(match).as(request).isNotNull();
        assertThat(match.blocked()).isTrue();
        // The same sample may be an attack of two classes; without the others its own finds it.
        Match own = judge(new RuleSet(only(type)), request);
        assertThat(own).as(type + " " + request).isNotNull();
    }

    @Test
    void aModeBelowAPathReplacesTheGeneralOneForItsClassAlone() {
        RuleSet rules = new RuleSet(rules("""
                exceptions:
                  - {path: /analytics/, sql: log}
                  - {path: /analytics/raw/, sql: off}
                """));
        String sql = "q=1+union+select+null,null+from+t";
        assertThat(rules.line("/items", sql)).isEqualTo(new Match(RuleClass.SQL, "query", true));
        assertThat(rules.line("/analytics/x", sql)).isEqualTo(new Match(RuleClass.SQL, "query", false));
        assertThat(rules.line("/analytics/raw/x", sql)).isNull();
        assertThat(rules.line("/analytics/raw/x", "q=%3Cscript%3E")).isNotNull();
    }

    @Test
    void lookingTakesBoundedTimeWhateverTheTextIs() {
        List<String> nasty = List.of(
                "q=" + "'".repeat(8000),
                "q=" + "'or".repeat(2600),
                "q=" + "union ".repeat(1300),
                "q=" + "<a ".repeat(2600),
                "q=" + "../".repeat(2600).substring(0, 7000) + "x",
                "q=" + "%25".repeat(2600),
                "q=" + "/*".repeat(4000),
                "q=" + "{{".repeat(4000),
                "q=" + "; ".repeat(4000),
                "q=" + "\" on".repeat(2000));
        RuleSet off = new RuleSet(rules("{sql: log, script: log, traversal: log, command: log, split: log}"));
        for (int round = 0; round < 3; round++) {
            for (String query : nasty) {
                long start = System.nanoTime();
                off.line("/", query);
                assertThat(System.nanoTime() - start).as(query.substring(0, 10)).isLessThan(500_000_000L);
            }
        }
    }

    @Property(tries = 300)
    void neverFailsAndNeverFindsAnythingInPlainWords(@ForAll @StringLength(max = 200) String any) {
        RULES.line(any, any);
        RULES.text("user-agent", any, "/");
        StringBuilder words = new StringBuilder();
        any.chars().filter(c -> c >= 'a' && c <= 'z').forEach(c -> words.append((char) c));
        assertThat(RULES.line("/" + words, "q=" + words)).isNull();
    }

    private static @Nullable Match judge(RuleSet rules, String line) {
        int colon = line.indexOf(": ");
        if (!line.startsWith("/")) {
            return rules.text(line.substring(0, colon), line.substring(colon + 2), "/");
        }
        int query = line.indexOf('?');
        return query < 0 ? rules.line(line, null) : rules.line(line.substring(0, query), line.substring(query + 1));
    }

    private static RulesConfig only(String type) {
        StringBuilder yaml = new StringBuilder("{");
        for (RuleClass other : RuleClass.values()) {
            String mode = other.label().equals(type) ? "block" : "off";
            yaml.append(other.label()).append(": ").append('"').append(mode).append("\", ");
        }
        return rules(yaml.append("}").toString());
    }

    private static RulesConfig rules(String yaml) {
        String indented = yaml.lines().map(line -> "    " + line + "\n").reduce("", String::concat);
        String text = yaml.isEmpty() ? "" : "protection:\n  rules:\n" + indented;
        return ConfigLoader.parse(
                        text.replace(": off", ": \"" + RuleMode.OFF.name().toLowerCase(Locale.ROOT) + '"'), Map.of())
                .orThrow()
                .protection()
                .rules();
    }

    private static List<String> lines(String resource) {
        try (InputStream in = RuleSetTest.class.getResourceAsStream(resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
