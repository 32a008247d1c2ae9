package dev.penstock.common.config;

import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What must hold of encryption keys and of issuers outside. Pure. */
final class TrustRules {
    private static final int LEAST_SECRET = 32;
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");
    private static final Set<String> ROLES = Set.of("user", "analyst", "admin");
    /** Asymmetric all: under a symmetric one, whoever can check tokens could make them. */
    private static final List<String> ALGORITHMS =
            List.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512");

    private final List<ConfigRules.Violation> violations;

    TrustRules(List<ConfigRules.Violation> violations) {
        this.violations = violations;
    }

    void check(PenstockConfig config) {
        for (int i = 0; i < config.encryption().keys().size(); i++) {
            if (config.encryption().keys().get(i).reveal().length() < LEAST_SECRET) {
                add(
                        "encryption.keys[" + i + "]",
                        "this key is too short to be one",
                        "Give at least " + LEAST_SECRET + " random characters, such as those of: openssl rand -hex 32");
            }
        }
        Set<String> names = new HashSet<>();
        Set<String> issuers = new HashSet<>();
        for (int i = 0; i < config.auth().oidc().size(); i++) {
            OidcConfig oidc = config.auth().oidc().get(i);
            String path = "auth.oidc[" + i + "]";
            if (!oidc.name().matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}") || !names.add(oidc.name())) {
                add(path + ".name", "this is no name, or another issuer has it", "Use letters, digits and . _ -");
            }
            if (!issuers.add(oidc.issuer())) {
                add(path + ".issuer", "another entry has the same issuer", "Describe each issuer once");
            }
            issuer(oidc, path);
        }
    }

    private void issuer(OidcConfig oidc, String path) {
        if (!protectedUrl(oidc.issuer())) {
            add(
                    path + ".issuer",
                    "keys must not be read over an open connection",
                    "Write a URL that begins with https:// (http:// only on loopback)");
        }
        if (oidc.audience().isBlank()) {
            add(
                    path + ".audience",
                    "an empty audience would accept tokens for others",
                    "Write what 'aud' must contain");
        }
        for (String algorithm : oidc.algorithms()) {
            if (!ALGORITHMS.contains(algorithm)) {
                add(
                        path + ".algorithms",
                        "only asymmetric signatures are accepted",
                        "Write some of " + String.join(", ", ALGORITHMS));
            }
        }
        oidc.roles().forEach((value, role) -> {
            if (!ROLES.contains(role)) {
                add(path + ".roles." + value, "this is no role", "Write user, analyst or admin");
            }
        });
        if (oidc.roles().isEmpty()) {
            add(path + ".roles", "nobody would get a role", "Write for example {penstock-users: user}");
        }
    }

    private static boolean protectedUrl(String text) {
        try {
            URI uri = URI.create(text);
            return uri.getHost() != null
                    && ("https".equals(uri.getScheme())
                            || ("http".equals(uri.getScheme()) && LOOPBACK.contains(uri.getHost())));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private void add(String path, String problem, String fix) {
        violations.add(new ConfigRules.Violation(path, problem, fix));
    }
}
