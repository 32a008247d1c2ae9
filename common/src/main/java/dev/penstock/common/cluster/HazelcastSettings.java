package dev.penstock.common.cluster;

import com.hazelcast.config.Config;
import com.hazelcast.config.MapConfig;
import com.hazelcast.config.MultiMapConfig;
import com.hazelcast.config.ReplicatedMapConfig;
import com.hazelcast.spi.properties.ClusterProperty;
import dev.penstock.common.config.ClusterConfig;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Hazelcast as Penstock needs it: members by TCP list alone, a hung member found within 6 s, quick to join, quiet.
 * Hazelcast carries membership and the addresses of the event bus, and no data.
 */
final class HazelcastSettings {
    /** Nothing of size is partitioned; fewer partitions join faster. */
    private static final String PARTITIONS = "31";

    private static final String HEARTBEAT_SECONDS = "1";
    private static final String SILENT_SECONDS = "5";
    /** How soon two halves of a split find each other again; Hazelcast's own default is minutes. */
    private static final String MERGE_SECONDS = "5";

    private static final String OPERATION_MILLIS = "5000";
    private static final String JOIN_SECONDS = "20";
    /** Processes on one machine take one port after the other; so many are tried. */
    private static final int PORTS = 10;

    private HazelcastSettings() {}

    static Config of(ClusterConfig cluster, InetAddress host) {
        Config config = new Config();
        config.setClusterName(cluster.name());
        properties(config);
        // Not by the list of interfaces: Hazelcast would hold it against the other members' names too, and join nobody.
        config.setProperty("hazelcast.local.localAddress", host.getHostAddress());
        var network = config.getNetworkConfig();
        network.setPort(cluster.port()).setPortAutoIncrement(true).setPortCount(PORTS);
        var join = network.getJoin();
        join.getAutoDetectionConfig().setEnabled(false);
        join.getMulticastConfig().setEnabled(false);
        join.getTcpIpConfig().setEnabled(true).setMembers(members(cluster, host));
        // These three are what the Vert.x cluster manager's own configuration file declares.
        config.addMultiMapConfig(new MultiMapConfig("__vertx.subs")
                .setBackupCount(1)
                .setValueCollectionType(MultiMapConfig.ValueCollectionType.SET));
        config.addMapConfig(new MapConfig("__vertx.haInfo").setBackupCount(1));
        config.addMapConfig(new MapConfig("__vertx.nodeInfo").setBackupCount(1));
        config.addReplicatedMapConfig(new ReplicatedMapConfig(HazelcastMembership.ROLES));
        return config;
    }

    /**
     * The address that others reach this process at. A name may stand for several members of the cluster, or this machine
     * be on several networks: then it is the name's address that this machine has.
     *
     * @throws UnknownHostException when the configured name does not resolve
     */
    static InetAddress host(ClusterConfig cluster) throws UnknownHostException {
        if (!cluster.host().isBlank()) {
            InetAddress[] named = InetAddress.getAllByName(cluster.host());
            return Arrays.stream(named)
                    .filter(HazelcastSettings::isOurs)
                    .findFirst()
                    .orElse(named[0]);
        }
        try {
            for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
                if (!each.isUp() || each.isLoopback()) {
                    continue;
                }
                for (InterfaceAddress address : each.getInterfaceAddresses()) {
                    if (address.getAddress() instanceof Inet4Address ip && ip.isSiteLocalAddress()) {
                        return ip;
                    }
                }
            }
        } catch (SocketException _) {
            // An unreadable list of interfaces leaves loopback.
        }
        return InetAddress.getLoopbackAddress();
    }

    private static boolean isOurs(InetAddress address) {
        try {
            return NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException _) {
            return false;
        }
    }

    private static void properties(Config config) {
        config.setProperty(ClusterProperty.SOCKET_SERVER_BIND_ANY.getName(), "false");
        config.setProperty(ClusterProperty.LOGGING_TYPE.getName(), "slf4j");
        config.setProperty(ClusterProperty.PHONE_HOME_ENABLED.getName(), "false");
        config.setProperty(ClusterProperty.SHUTDOWNHOOK_ENABLED.getName(), "false");
        config.setProperty(ClusterProperty.WAIT_SECONDS_BEFORE_JOIN.getName(), "0");
        config.setProperty(ClusterProperty.MAX_JOIN_SECONDS.getName(), JOIN_SECONDS);
        config.setProperty(ClusterProperty.PARTITION_COUNT.getName(), PARTITIONS);
        config.setProperty(ClusterProperty.HEARTBEAT_INTERVAL_SECONDS.getName(), HEARTBEAT_SECONDS);
        config.setProperty(ClusterProperty.MAX_NO_HEARTBEAT_SECONDS.getName(), SILENT_SECONDS);
        // A container that is killed takes its address along: nobody refuses a new connection, it just does not come.
        config.setProperty(ClusterProperty.SOCKET_CONNECT_TIMEOUT_SECONDS.getName(), "1");
        // The loss of a connection and one failed attempt to make it anew end a membership; a lost one alone does not.
        config.setProperty(ClusterProperty.CONNECTION_MONITOR_MAX_FAULTS.getName(), "1");
        config.setProperty(ClusterProperty.MERGE_FIRST_RUN_DELAY_SECONDS.getName(), MERGE_SECONDS);
        config.setProperty(ClusterProperty.MERGE_NEXT_RUN_DELAY_SECONDS.getName(), MERGE_SECONDS);
        config.setProperty(ClusterProperty.OPERATION_CALL_TIMEOUT_MILLIS.getName(), OPERATION_MILLIS);
        config.setProperty(ClusterProperty.EVENT_THREAD_COUNT.getName(), "1");
    }

    /**
     * The addresses to ask, as few as can be: after a split each one that is silent delays the merge by 5 s. A name without
     * port means the configured one; on this very machine a member may stand on any of the next ports.
     */
    static List<String> members(ClusterConfig cluster, InetAddress host) {
        List<String> named = cluster.members().isEmpty() ? List.of(host.getHostAddress()) : cluster.members();
        List<String> all = new ArrayList<>();
        for (String member : named) {
            if (member.equals(host.getHostAddress()) || member.equals("localhost") || member.equals("127.0.0.1")) {
                for (int i = 0; i < PORTS; i++) {
                    all.add(member + ":" + (cluster.port() + i));
                }
            } else {
                all.add(member.contains(":") ? member : member + ":" + cluster.port());
            }
        }
        return all;
    }
}
