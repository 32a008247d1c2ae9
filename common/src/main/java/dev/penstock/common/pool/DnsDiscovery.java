package dev.penstock.common.pool;

import dev.penstock.common.config.DiscoveryConfig;
import dev.penstock.common.config.DiscoveryKind;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.dns.DnsClient;
import io.vertx.core.dns.DnsClientOptions;
import io.vertx.core.dns.SrvRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Instances from DNS, looked up again and again without blocking. An answer without records counts as a failed look-up:
 * DNS says the same when a server has just started, and what is really gone is found by connecting to it.
 */
final class DnsDiscovery implements Discovery {
    private static final Logger log = LoggerFactory.getLogger(DnsDiscovery.class);
    private static final long LEAST_MILLIS = 1_000;
    private static final long QUERY_MILLIS = 2_000;
    /** Targets of one service that are looked up; the rest is left out and said. */
    private static final int MOST_TARGETS = 64;

    private final Vertx vertx;
    private final DiscoveryConfig config;
    private final DnsClient dns;
    private volatile @Nullable String problem;
    private volatile boolean stopped;
    private List<Instance> last = List.of();

    /** Instances, and for how many milliseconds they hold. */
    private record Found(List<Instance> instances, long millis) {}

    DnsDiscovery(Vertx vertx, DiscoveryConfig config) {
        this.vertx = vertx;
        this.config = config;
        DnsClientOptions options = new DnsClientOptions().setQueryTimeout(QUERY_MILLIS);
        String server = config.server();
        if (!server.isEmpty()) {
            int colon = server.lastIndexOf(':');
            options.setHost(server.substring(0, colon)).setPort(Integer.parseInt(server.substring(colon + 1)));
        }
        this.dns = vertx.createDnsClient(options);
    }

    @Override
    public void start(Consumer<List<Instance>> found) {
        vertx.runOnContext(v -> look(found));
    }

    @Override
    public void stop() {
        stopped = true;
        dns.close();
    }

    @Override
    public @Nullable String problem() {
        return problem;
    }

    private void look(Consumer<List<Instance>> found) {
        if (stopped) {
            return;
        }
        Future<Found> looked = config.kind() == DiscoveryKind.DNS_SRV ? services() : addresses();
        looked.onComplete(result -> {
            long next = config.interval().toMillis();
            if (stopped) {
                return;
            }
            if (result.failed() || result.result().instances().isEmpty()) {
                failed(result.cause());
            } else {
                problem = null;
                next = result.result().millis();
                tell(result.result().instances(), found);
            }
            vertx.setTimer(next, id -> look(found));
        });
    }

    private void failed(@Nullable Throwable cause) {
        String now = "DNS has no answer for " + config.name();
        if (problem == null) {
            log.warn("{}: {}; {} instances found before stay", now, String.valueOf(cause), last.size());
        }
        problem = now;
    }

    private void tell(List<Instance> instances, Consumer<List<Instance>> found) {
        List<Instance> sorted = instances.stream()
                .distinct()
                .sorted(Comparator.comparing(Instance::name))
                .toList();
        if (!sorted.equals(last)) {
            last = sorted;
            found.accept(sorted);
        }
    }

    private Future<Found> addresses() {
        return resolve(config.name())
                .map(addresses -> new Found(
                        addresses.stream()
                                .map(address -> instance(config.name(), address, config.port(), 1))
                                .toList(),
                        config.interval().toMillis()));
    }

    private Future<Found> services() {
        return dns.resolveSRV(config.name()).compose(records -> {
            // Only the most preferred priority is in use, as RFC 2782 has it.
            int preferred = records.stream().mapToInt(SrvRecord::priority).min().orElse(0);
            List<SrvRecord> used = records.stream()
                    .filter(record -> record.priority() == preferred)
                    .limit(MOST_TARGETS)
                    .toList();
            if (records.size() > MOST_TARGETS) {
                log.warn("{} has {} targets; {} are used", config.name(), records.size(), MOST_TARGETS);
            }
            long millis = config.interval().toMillis();
            List<Future<List<Instance>>> all = new ArrayList<>();
            for (SrvRecord record : used) {
                millis = Math.min(millis, record.ttl() * 1_000);
                String target = Objects.requireNonNull(record.target());
                int weight = Math.clamp(record.weight(), 1, 1000);
                all.add(resolve(target)
                        .map(addresses -> addresses.stream()
                                .map(address -> instance(target, address, record.port(), weight))
                                .toList()));
            }
            long holds = Math.max(Math.min(LEAST_MILLIS, config.interval().toMillis()), millis);
            return Future.all(all)
                    .map(done -> new Found(
                            all.stream().flatMap(one -> one.result().stream()).toList(), holds));
        });
    }

    /** Both families; one of them may have no answer. */
    private Future<List<String>> resolve(String name) {
        Future<List<String>> four = dns.resolveA(name);
        Future<List<String>> six = dns.resolveAAAA(name);
        return Future.join(four, six).transform(done -> {
            if (four.failed() && six.failed()) {
                return Future.failedFuture(four.cause());
            }
            List<String> addresses = new ArrayList<>();
            if (four.succeeded()) {
                addresses.addAll(four.result());
            }
            if (six.succeeded()) {
                addresses.addAll(six.result());
            }
            return Future.succeededFuture(addresses);
        });
    }

    private Instance instance(String host, String address, int port, int weight) {
        return Instance.at("", config.tls(), host, address, port, "", weight);
    }
}
