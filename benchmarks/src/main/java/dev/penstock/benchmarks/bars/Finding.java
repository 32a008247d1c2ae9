package dev.penstock.benchmarks.bars;

import io.vertx.core.json.JsonObject;

/**
 * What was found.
 *
 * @param bar what the design asks for, or says what the figure is for
 * @param verdict whether it holds
 * @param text the figure for people
 * @param figures for machines
 */
public record Finding(String name, String bar, Verdict verdict, String text, JsonObject figures) {
    /** How a figure stands to its bar. */
    public enum Verdict {
        MET,
        MISSED,
        /** A figure without a bar of its own. */
        NOTED,
        SKIPPED,
        /** It could not be measured: something failed. */
        BROKEN
    }

    static Finding judged(String name, String bar, boolean met, String text, JsonObject figures) {
        return new Finding(name, bar, met ? Verdict.MET : Verdict.MISSED, text, figures);
    }

    static Finding noted(String name, String text, JsonObject figures) {
        return new Finding(name, "", Verdict.NOTED, text, figures);
    }

    static Finding skipped(String name, String bar, String why) {
        return new Finding(name, bar, Verdict.SKIPPED, why, new JsonObject());
    }

    /** A measurement that failed. */
    public static Finding broken(String name, String why) {
        return new Finding(name, "", Verdict.BROKEN, why, new JsonObject());
    }

    /** For the report. */
    public JsonObject json() {
        return new JsonObject()
                .put("name", name)
                .put("bar", bar)
                .put("verdict", verdict.name())
                .put("text", text)
                .put("figures", figures);
    }
}
