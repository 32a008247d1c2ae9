package dev.penstock.common.config;

/** TLS towards instances whose URL begins with https. */
public record UpstreamTlsConfig(
        @Setting(doc = "Whether certificate and name are checked.", value = "true")
        boolean verify,

        @Setting(doc = "PEM file with the authorities to trust; empty trusts the system's.")
        String caFile,

        @Setting(doc = "PEM file with the gateway's own certificate, for instances that ask for one.")
        String certFile,

        @Setting(doc = "PEM file with its private key.") String keyFile,

        @Setting(doc = "Name to ask for and to check; empty takes the host.")
        String serverName) {}
