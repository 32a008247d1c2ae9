package dev.penstock.common.config;

import dev.penstock.common.config.ConfigRules.Violation;
import dev.penstock.common.pool.Instance;
import dev.penstock.common.pool.policy.Networks;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** What must hold within a pool and for the registry. Pure. */
final class PoolRules {
    private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_|~-]{1,64}");
    private static final Pattern SERVER = Pattern.compile("(.+):(\\d{1,5})");

    private final List<Violation> violations;

    private PoolRules(List<Violation> violations) {
        this.violations = violations;
    }

    /** @param path of the pool's section, for example {@code routes[0].pool} */
    static void check(String path, PoolConfig pool, List<Violation> violations) {
        PoolRules rules = new PoolRules(violations);
        rules.instances(path, pool);
        rules.discovery(path + ".discovery", pool.discovery());
        rules.order(path, pool);
        rules.tls(path + ".tls", pool.tls());
        String name = pool.affinity().name();
        if (!HEADER.matcher(name).matches()) {
            rules.add(path + ".affinity.name", "this is no name of a cookie or header", "Use letters, digits and -");
        }
        String check = pool.health().path();
        if (!check.isEmpty() && !check.startsWith("/")) {
            rules.add(path + ".health.path", "a path begins with a slash", "Write for example /health");
        }
        if (pool.health().statuses().isEmpty()) {
            rules.add(path + ".health.statuses", "without a status nothing is healthy", "Write for example [200]");
        }
    }

    static void check(String path, RegistryConfig registry, List<Violation> violations) {
        PoolRules rules = new PoolRules(violations);
        for (int i = 0; i < registry.pools().size(); i++) {
            if (!PLAIN_NAME.matcher(registry.pools().get(i)).matches()) {
                rules.add(
                        path + ".pools[" + i + "]",
                        "this is no name of a pool",
                        "Use up to 64 letters, digits and . _ -, beginning with a letter or digit");
            }
        }
        rules.networks(path + ".allow", registry.allow());
    }

    private void instances(String path, PoolConfig pool) {
        if (pool.instances().isEmpty() && pool.discovery().kind() == DiscoveryKind.STATIC) {
            add(path + ".instances", "a pool must have instances", "List at least one, or set discovery.kind");
        }
        Map<String, Integer> names = new HashMap<>();
        for (int i = 0; i < pool.instances().size(); i++) {
            PoolInstanceConfig listed = pool.instances().get(i);
            String at = path + ".instances[" + i + "]";
            if (!listed.name().isEmpty() && !PLAIN_NAME.matcher(listed.name()).matches()) {
                add(
                        at + ".name",
                        "this is no name of an instance",
                        "Use up to 64 letters, digits and . _ -, beginning with a letter or digit");
            }
            try {
                String name = Instance.of(listed.name(), listed.url(), listed.weight())
                        .name();
                Integer first = names.putIfAbsent(name, i);
                if (first != null) {
                    add(
                            at + (listed.name().isEmpty() ? ".url" : ".name"),
                            "this is the same instance as instances[" + first + "]",
                            "Remove one, or give it a name of its own");
                }
            } catch (IllegalArgumentException e) {
                add(
                        at + ".url",
                        "this is no address of an instance: " + e.getMessage(),
                        "Write a URL such as http://10.0.0.7:8080");
            }
        }
    }

    private void discovery(String path, DiscoveryConfig discovery) {
        if (discovery.kind() != DiscoveryKind.STATIC && discovery.name().isEmpty()) {
            add(path + ".name", "discovery needs to know what to look up", "Give the name of the host or service");
        }
        if (discovery.kind() == DiscoveryKind.DNS && discovery.port() == 0) {
            add(path + ".port", "address records hold no port", "Give the port of the instances, or use dns-srv");
        }
        var server = SERVER.matcher(discovery.server());
        if (!discovery.server().isEmpty() && !(server.matches() && Integer.parseInt(server.group(2)) <= 65_535)) {
            add(path + ".server", "this is no host with a port", "Write for example 10.0.0.2:53");
        }
        networks(path + ".allow", discovery.allow());
    }

    private void networks(String path, List<String> networks) {
        for (int i = 0; i < networks.size(); i++) {
            try {
                Networks.of(List.of(networks.get(i)));
            } catch (IllegalArgumentException e) {
                add(path + "[" + i + "]", "this is no network: " + e.getMessage(), "Write for example 10.0.0.0/8");
            }
        }
    }

    private void order(String path, PoolConfig pool) {
        if (pool.outlier().time().compareTo(pool.outlier().maxTime()) > 0) {
            add(path + ".outlier.max-time", "it is shorter than outlier.time", "Make it at least as long");
        }
        if (pool.breaker().reset().compareTo(pool.breaker().maxReset()) > 0) {
            add(path + ".breaker.max-reset", "it is shorter than breaker.reset", "Make it at least as long");
        }
    }

    private void tls(String path, UpstreamTlsConfig tls) {
        if (tls.certFile().isEmpty() != tls.keyFile().isEmpty()) {
            add(
                    path + (tls.certFile().isEmpty() ? ".cert-file" : ".key-file"),
                    "certificate and private key go together",
                    "Give both, or none");
        }
        if (!tls.verify() && !tls.caFile().isEmpty()) {
            add(path + ".verify", "with a ca-file certificates are meant to be checked", "Remove one of the two");
        }
    }

    private void add(String path, String problem, String fix) {
        violations.add(new Violation(path, problem, fix));
    }
}
