package dev.penstock.gateway.openapi;

import org.jspecify.annotations.Nullable;

/**
 * One operation as its table has it.
 *
 * @param id unique; the key of its entry in {@code openapi/operations.yaml}
 * @param path with {@code {name}} for one segment and a final {@code /*} for any rest
 * @param role the least role; null where anybody may call
 * @param limit the class of limits; null where nothing is counted
 * @param tag the group that it is shown in
 */
public record Described(
        String id,
        String method,
        String path,
        @Nullable String role,
        @Nullable String limit,
        String summary,
        String tag) {}
