package dev.penstock.gateway.auth;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What is known of a team beyond its name, which keys and users carry. */
public record TeamRecord(
        String name, String description, @Nullable Instant disabledAt, Instant createdAt, String createdBy) {}
