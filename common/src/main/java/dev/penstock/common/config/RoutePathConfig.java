package dev.penstock.common.config;

/** How the path is rewritten. */
public record RoutePathConfig(
        @Setting(doc = "Whether the prefix is taken away: /shop/cart becomes /cart.", value = "false")
        boolean strip,

        @Setting(doc = "What comes instead of the prefix, such as /internal/v2; empty keeps or strips it.")
        String replace) {}
