package dev.penstock.common.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.config.ClusterConfig;
import dev.penstock.common.config.ClusterTlsConfig;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class HazelcastSettingsTest {
    private static final InetAddress HERE = InetAddress.getLoopbackAddress();

    @Test
    void aMemberWithoutPortIsAskedAtTheConfiguredOneAlone() {
        assertThat(HazelcastSettings.members(cluster("cache", "alert:5800"), HERE))
                .containsExactly("cache:5701", "alert:5800");
    }

    @Test
    void membersOfThisMachineAreLookedForOnTheNextPortsToo() {
        assertThat(HazelcastSettings.members(cluster(), HERE))
                .hasSize(10)
                .startsWith("127.0.0.1:5701", "127.0.0.1:5702");
    }

    private static ClusterConfig cluster(String... members) {
        return new ClusterConfig("", 5701, 0, List.of(members), "penstock", new ClusterTlsConfig("", "", ""));
    }
}
