package dev.penstock.common.config;

import java.util.List;

/** What keeps harm away from the gateway. */
public record ProtectionConfig(
        @Setting(doc = "Networks (CIDR) that may call; empty for all.")
        List<String> allow,

        @Setting(doc = "Networks (CIDR) that may not call.") List<String> deny,

        @Setting(
                doc = "Networks (CIDR) that are never blocked by themselves and have no connection limit of their own."
                        + " deny and blocks made by hand hold for them too.",
                value = "127.0.0.0/8,::1/128")
        List<String> exempt,

        @Setting(doc = "Blocks that are made after misdeeds.")
        BlockConfig block,

        @Setting(doc = "Bounds of connections and of slow requests.")
        ConnectionsConfig connections,

        @Setting(
                doc =
                        "Rules against injection and traversal, for paths, queries and some headers. Prompts are not looked at.")
        RulesConfig rules,

        @Setting(doc = "Checks of uploads on routes that ask for them.")
        UploadsConfig uploads) {
    public ProtectionConfig {
        allow = List.copyOf(allow);
        deny = List.copyOf(deny);
        exempt = List.copyOf(exempt);
    }
}
