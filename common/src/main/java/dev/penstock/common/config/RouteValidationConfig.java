package dev.penstock.common.config;

import dev.penstock.common.unit.DataSize;

/** What a request must look like. */
public record RouteValidationConfig(
        @Setting(doc = "JSON Schema of the body: a file (JSON), or the schema itself. Empty checks none.")
        String schema,

        @Setting(
                doc =
                        "OpenAPI 3.0 or 3.1 document (a file, JSON or YAML) whose operations are the only ones let through; its paths are those that the server sees. Empty checks none.")
        String openapi,

        @Setting(
                doc = "Largest body that is held to be checked; larger ones are refused.",
                value = "1MiB",
                min = 1,
                max = 67108864)
        DataSize maxBody) {
    /** Whether anything is checked. */
    public boolean on() {
        return !schema.isBlank() || !openapi.isBlank();
    }
}
