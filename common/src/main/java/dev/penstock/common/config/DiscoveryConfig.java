package dev.penstock.common.config;

import java.time.Duration;
import java.util.List;

/** Instances that come and go by themselves, beside those that are listed. */
public record DiscoveryConfig(
        @Setting(doc = "Where instances are learnt from: static, dns, dns-srv, kubernetes, registry.", value = "static")
        DiscoveryKind kind,

        @Setting(
                doc = "The name to look up: a host for dns, a service name such as _http._tcp.api.example for dns-srv,"
                        + " a service for kubernetes, a pool of the registry for registry.")
        String name,

        @Setting(
                doc = "Port of the instances found by dns; of those found by kubernetes where the service has several"
                        + " (0 takes its first).",
                value = "0",
                min = 0,
                max = 65535)
        int port,

        @Setting(doc = "Whether the instances found speak TLS.", value = "false")
        boolean tls,

        @Setting(
                doc = "Time between two look-ups; a shorter life of the records wins, down to 1s.",
                value = "5s",
                min = 100)
        Duration interval,

        @Setting(doc = "DNS server as host:port; empty takes the system's.")
        String server,

        @Setting(doc = "Kubernetes namespace of the service.", value = "default")
        String namespace,

        @Setting(doc = "Kubernetes API server.", value = "https://kubernetes.default.svc")
        String apiServer,

        @Setting(
                doc = "Folder with token and ca.crt for the Kubernetes API; an absent file is left out.",
                value = "/var/run/secrets/kubernetes.io/serviceaccount")
        String credentials,

        @Setting(doc = "Networks (CIDR) that instances found may be in; empty allows all. Others are left out.")
        List<String> allow,

        @Setting(doc = "Most instances found; what is beyond is left out and said.", value = "128", min = 1, max = 1024)
        int maxInstances) {
    public DiscoveryConfig {
        allow = List.copyOf(allow);
    }
}
