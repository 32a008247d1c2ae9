package dev.penstock.common.config;

/** Mutual TLS between processes: each shows its certificate and checks the other's against one authority. */
public record ClusterTlsConfig(
        @Setting(doc = "PEM file with this process's certificate.")
        String certificate,

        @Setting(doc = "PEM file with its private key (PKCS#8).")
        String key,

        @Setting(doc = "PEM file with the authority that all members' certificates come from.")
        String authority) {
    /** Whether the bus speaks TLS. */
    public boolean enabled() {
        return !certificate.isEmpty();
    }
}
