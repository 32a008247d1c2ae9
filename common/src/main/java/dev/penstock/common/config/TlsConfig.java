package dev.penstock.common.config;

import java.time.Duration;

/** TLS of the public port, 1.2 and later, with HTTP/2. */
public record TlsConfig(
        @Setting(doc = "PEM file with the certificate and those between it and its authority.")
        String certificate,

        @Setting(doc = "PEM file with the private key (PKCS#8).")
        String key,

        @Setting(
                doc = "PEM file with the authorities whose client certificates are accepted. Needed where"
                        + " client-certificates is not none.")
        String clientAuthorities,

        @Setting(doc = "Whether clients must show a certificate: none, request or require.", value = "none")
        ClientCertificates clientCertificates,

        @Setting(
                doc = "How often the files are looked at. What changed is served to new connections; open ones go on.",
                value = "10s",
                min = 100)
        Duration reload,

        @Setting(
                doc = "Port on which http:// requests are sent to https:// with 308; 0 for none.",
                value = "0",
                min = 0,
                max = 65535)
        int redirectPort,

        @Setting(doc = "Whether the management port speaks TLS too, with the same certificate.", value = "false")
        boolean management) {
    /** What is asked of a client. */
    public enum ClientCertificates {
        NONE,
        REQUEST,
        REQUIRE
    }

    /** Whether the public port speaks TLS. */
    public boolean enabled() {
        return !certificate.isEmpty();
    }
}
