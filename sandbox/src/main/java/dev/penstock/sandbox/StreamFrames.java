package dev.penstock.sandbox;

/** How an API writes a generated answer as server-sent events. */
interface StreamFrames {
    void begin(StringBuilder out);

    void token(StringBuilder out, String piece);

    void end(StringBuilder out);
}
