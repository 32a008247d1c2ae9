package dev.penstock.common.config;

import dev.penstock.common.net.Cidr;
import dev.penstock.common.unit.Secret;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What must hold of networks, CORS, TLS and, in production, of secrets. Pure. */
final class ProtectionRules {
    private static final int SECRET_LENGTH = 32;
    private static final int KEY_LENGTH = 24;
    private static final Set<String> WELL_KNOWN = Set.of(
            "admin",
            "change-me",
            "changeme",
            "default",
            "example",
            "guest",
            "letmein",
            "password",
            "penstock",
            "postgres",
            "qwerty",
            "redis",
            "root",
            "secret",
            "test",
            "123456",
            "12345678");

    private final List<ConfigRules.Violation> violations;

    ProtectionRules(List<ConfigRules.Violation> violations) {
        this.violations = violations;
    }

    void check(PenstockConfig config) {
        networks("server.trusted-proxies", config.server().trustedProxies());
        if (config.server().proxyProtocol() && config.server().trustedProxies().isEmpty()) {
            add(
                    "server.trusted-proxies",
                    "nobody may connect: with proxy-protocol only trusted proxies can",
                    "Name the balancer's network, for example 10.0.0.0/8");
        }
        ProtectionConfig protection = config.protection();
        networks("protection.allow", protection.allow());
        networks("protection.deny", protection.deny());
        networks("protection.exempt", protection.exempt());
        exceptions(protection.rules().exceptions());
        if (protection.block().longest().compareTo(protection.block().duration()) < 0) {
            add("protection.block.longest", "the longest block is shorter than the first one", "Make it longer");
        }
        clamav(protection.uploads().clamav());
        cors(config.server().cors());
        tls(config.server().tls());
        clusterTls(config.cluster().tls());
        if (config.profile() == Profile.PRODUCTION) {
            production(config);
        }
    }

    private void networks(String path, List<String> networks) {
        for (int i = 0; i < networks.size(); i++) {
            if (Cidr.parse(networks.get(i)).isEmpty()) {
                add(
                        path + "[" + i + "]",
                        "'" + networks.get(i) + "' is no network",
                        "Write for example 10.0.0.0/8 or 2001:db8::/32, without bits behind the prefix");
            }
        }
    }

    private void exceptions(List<RuleExceptionConfig> exceptions) {
        for (int i = 0; i < exceptions.size(); i++) {
            if (!exceptions.get(i).path().startsWith("/")) {
                add(
                        "protection.rules.exceptions[" + i + "].path",
                        "a path begins with /",
                        "Write for example /search/");
            }
        }
    }

    private void clamav(String address) {
        if (!address.isEmpty() && !address.matches("[^\\s:]+:\\d{1,5}|\\[[0-9a-fA-F:]+]:\\d{1,5}")) {
            add("protection.uploads.clamav", "this is no host:port", "Write for example clamav:3310");
        }
    }

    private void cors(CorsConfig cors) {
        boolean any = cors.origins().contains("*");
        if (cors.credentials() && (any || cors.headers().contains("*"))) {
            add(
                    "server.cors.credentials",
                    "any page of the world could act with its visitors' cookies",
                    "Name the origins and headers instead of *, or leave credentials off");
        }
        for (int i = 0; i < cors.origins().size(); i++) {
            String origin = cors.origins().get(i);
            if (!origin.equals("*") && !origin.matches("https?://[^/\\s*]+")) {
                add(
                        "server.cors.origins[" + i + "]",
                        "'" + origin + "' is no origin",
                        "Write scheme, host and port only, such as https://app.example.com");
            }
        }
    }

    private void tls(TlsConfig tls) {
        if (tls.certificate().isEmpty() != tls.key().isEmpty()) {
            add(
                    tls.certificate().isEmpty() ? "server.tls.certificate" : "server.tls.key",
                    "certificate and key belong together",
                    "Name both PEM files, or neither");
        }
        if (tls.clientCertificates() != TlsConfig.ClientCertificates.NONE
                && tls.clientAuthorities().isEmpty()) {
            add(
                    "server.tls.client-authorities",
                    "without authorities no client's certificate can be checked",
                    "Name a PEM file with the authorities of the clients' certificates");
        }
        boolean without = tls.management()
                || tls.redirectPort() != 0
                || tls.clientCertificates() != TlsConfig.ClientCertificates.NONE;
        if (!tls.enabled() && without) {
            add("server.tls.certificate", "this needs TLS, which has no certificate", "Name the PEM files");
        }
    }

    private void clusterTls(ClusterTlsConfig tls) {
        long given = List.of(tls.certificate(), tls.key(), tls.authority()).stream()
                .filter(file -> !file.isEmpty())
                .count();
        if (given != 0 && given != 3) {
            add(
                    "cluster.tls.certificate",
                    "certificate, key and authority belong together",
                    "Name all three PEM files, or none");
        }
    }

    /** The secrets are never shown. */
    private void production(PenstockConfig config) {
        strong("auth.secret", config.auth().secret(), SECRET_LENGTH);
        strong("auth.admin-key", config.auth().adminKey(), KEY_LENGTH);
        password("redis.url", config.redis().url());
        password("postgres.url", config.postgres().url());
        password("postgres.owner-url", config.postgres().ownerUrl());
    }

    private void strong(String path, Secret secret, int least) {
        String text = secret.reveal();
        if (!text.isEmpty() && (text.length() < least || wellKnown(text) || uniform(text))) {
            add(
                    path,
                    "this is too weak for production",
                    "Take at least " + least + " random characters, for example from: openssl rand -hex 32");
        }
    }

    private void password(String path, Secret url) {
        String text = url.reveal();
        try {
            String user = URI.create(text).getUserInfo();
            int colon = user == null ? -1 : user.indexOf(':');
            String password = user == null || colon < 0 ? "" : user.substring(colon + 1);
            if (!password.isEmpty() && (wellKnown(password) || password.length() < 8)) {
                add(path, "the password in this URL is too weak for production", "Set a random password");
            }
        } catch (IllegalArgumentException e) {
            // Several hosts: the client reads what URI cannot.
        }
    }

    private static boolean wellKnown(String text) {
        return WELL_KNOWN.contains(text.toLowerCase(Locale.ROOT));
    }

    private static boolean uniform(String text) {
        return text.chars().distinct().count() < 5;
    }

    private void add(String path, String problem, String fix) {
        violations.add(new ConfigRules.Violation(path, problem, fix));
    }
}
