package dev.penstock.common.cluster;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.OperationTimeoutException;
import dev.penstock.common.config.ClusterConfig;
import dev.penstock.common.lifecycle.StartException;
import dev.penstock.common.tls.ServerTls;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A process that joined the cluster: its Vert.x, whose bus reaches the others, and who else is there. */
public record ClusterNode(Vertx vertx, HazelcastMembership membership) {
    private static final Logger log = LoggerFactory.getLogger(ClusterNode.class);
    private static final long PING_MILLIS = 1_000;
    private static final int CONNECT_MILLIS = 1_000;
    private static final int TRIES = 4;
    private static final Duration JOIN_LIMIT = Duration.ofSeconds(60);

    /**
     * Joins the cluster, or founds it where nobody is there yet.
     *
     * <p>A member that hangs holds up whoever joins until the others expel it. Then joining is tried again.
     *
     * @param builders makes a builder with metrics and the like for each try; its options are replaced by {@code options}
     * @param options changed here: the event bus is bound to the cluster's address
     * @return failed with a {@link StartException} when the address is wrong or no port is free
     */
    public static Future<ClusterNode> join(
            ClusterConfig cluster, Supplier<VertxBuilder> builders, VertxOptions options) {
        InetAddress host;
        try {
            host = HazelcastSettings.host(cluster);
        } catch (UnknownHostException e) {
            return Future.failedFuture(new StartException(
                    "The host " + cluster.host()
                            + " (cluster.host) is not known here; give an address of this machine.",
                    e));
        }
        options.getEventBusOptions()
                .setHost(host.getHostAddress())
                .setPort(cluster.busPort())
                .setConnectTimeout(CONNECT_MILLIS)
                .setClusterPingInterval(PING_MILLIS)
                .setClusterPingReplyInterval(PING_MILLIS);
        if (cluster.tls().enabled()) {
            try {
                ServerTls.apply(options.getEventBusOptions(), cluster.tls());
            } catch (StartException e) {
                return Future.failedFuture(e);
            }
        }
        return attempt(cluster, host, builders, options, 1)
                .timeout(JOIN_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                .recover(cause -> Future.failedFuture(new StartException(
                        "Cannot join or found a cluster at " + host.getHostAddress() + ":" + cluster.port() + " ("
                                + cause.getMessage() + "); check cluster.host, cluster.port and cluster.members.",
                        cause)));
    }

    private static Future<ClusterNode> attempt(
            ClusterConfig cluster,
            InetAddress host,
            Supplier<VertxBuilder> builders,
            VertxOptions options,
            int number) {
        HazelcastClusterManager manager = new HazelcastClusterManager(HazelcastSettings.of(cluster, host));
        return builders.get()
                .with(options)
                .withClusterManager(manager)
                .buildClustered()
                .compose(vertx ->
                        HazelcastMembership.open(vertx, manager).map(membership -> new ClusterNode(vertx, membership)))
                .recover(cause -> {
                    if (number == TRIES || !(cause instanceof OperationTimeoutException)) {
                        return Future.failedFuture(cause);
                    }
                    log.info("a member of the cluster does not answer; joining again");
                    leave(manager);
                    return attempt(cluster, host, builders, options, number + 1);
                });
    }

    /** Ends what is left of a failed try. Hazelcast's threads are its own, so this may be called anywhere. */
    private static void leave(HazelcastClusterManager manager) {
        HazelcastInstance left = manager.getHazelcastInstance();
        if (left != null) {
            left.getLifecycleService().terminate();
        }
    }
}
