package dev.penstock.common.config;

import org.jspecify.annotations.Nullable;

/** Modes below one path; a class that is not named keeps its general mode. */
public record RuleExceptionConfig(
        @Setting(doc = "Path that a request's path begins with, such as /analytics/.", value = Setting.REQUIRED)
        String path,

        @Setting(doc = "As in rules.sql.") @Nullable RuleMode sql,

        @Setting(doc = "As in rules.script.") @Nullable RuleMode script,

        @Setting(doc = "As in rules.traversal.") @Nullable RuleMode traversal,

        @Setting(doc = "As in rules.command.") @Nullable RuleMode command,

        @Setting(doc = "As in rules.split.") @Nullable RuleMode split) {}
