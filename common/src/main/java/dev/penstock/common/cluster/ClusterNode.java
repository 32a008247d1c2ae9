package dev.penstock.common.cluster;

import dev.penstock.common.config.ClusterConfig;
import dev.penstock.common.lifecycle.StartException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A process that joined the cluster: its Vert.x, whose bus reaches the others, and who else is there. */
public record ClusterNode(Vertx vertx, HazelcastMembership membership) {
    private static final long PING_MILLIS = 1_000;
    private static final int CONNECT_MILLIS = 1_000;
    private static final Duration JOIN_LIMIT = Duration.ofSeconds(60);

    /**
     * Joins the cluster, or founds it where nobody is there yet.
     *
     * @param builder takes metrics and the like; its options are replaced by {@code options}
     * @param options changed here: the event bus is bound to the cluster's address
     * @return failed with a {@link StartException} when the address is wrong or no port is free
     */
    public static Future<ClusterNode> join(ClusterConfig cluster, VertxBuilder builder, VertxOptions options) {
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
        HazelcastClusterManager manager = new HazelcastClusterManager(HazelcastSettings.of(cluster, host));
        return builder.with(options)
                .withClusterManager(manager)
                .buildClustered()
                .timeout(JOIN_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                .recover(cause -> Future.failedFuture(new StartException(
                        "Cannot join or found a cluster at " + host.getHostAddress() + ":" + cluster.port() + " ("
                                + cause.getMessage() + "); check cluster.host, cluster.port and cluster.members.",
                        cause)))
                .compose(vertx ->
                        HazelcastMembership.open(vertx, manager).map(membership -> new ClusterNode(vertx, membership)));
    }
}
