package dev.penstock.common.config;

import java.util.List;

/** Hazelcast membership and the event bus between processes. */
public record ClusterConfig(
        @Setting(doc = "Address that this process is reached at by the others; empty picks the first private one.")
        String host,

        @Setting(doc = "Hazelcast port; if it is taken, the next ones are tried.", value = "5701", min = 1, max = 65535)
        int port,

        @Setting(doc = "Event-bus port; 0 takes a free one.", value = "0", min = 0, max = 65535)
        int busPort,

        @Setting(doc = "Members to ask at start, as host or host:port.")
        List<String> members,

        @Setting(doc = "Name that separates clusters on one network.", value = "penstock")
        String name,

        @Setting(doc = "Mutual TLS of the event bus between processes. Off while no certificate is named.")
        ClusterTlsConfig tls) {
    public ClusterConfig {
        members = List.copyOf(members);
    }
}
