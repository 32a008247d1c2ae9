package dev.penstock.gateway.money.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whose money a request spends. */
public record Spender(
        String keyId, @Nullable String user, @Nullable String team, List<String> tags) {}
