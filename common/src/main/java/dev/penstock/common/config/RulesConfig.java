package dev.penstock.common.config;

import java.util.List;

/** What a match of each class of rules does. */
public record RulesConfig(
        @Setting(doc = "SQL injection: off, log or block.", value = "block")
        RuleMode sql,

        @Setting(doc = "Script injection: off, log or block.", value = "block")
        RuleMode script,

        @Setting(doc = "Path traversal: off, log or block.", value = "block")
        RuleMode traversal,

        @Setting(doc = "Command and expression injection: off, log or block.", value = "block")
        RuleMode command,

        @Setting(doc = "Line breaks and NUL that would split headers or logs: off, log or block.", value = "block")
        RuleMode split,

        @Setting(doc = "Other modes below a path; the longest matching path wins.")
        List<RuleExceptionConfig> exceptions) {
    public RulesConfig {
        exceptions = List.copyOf(exceptions);
    }
}
