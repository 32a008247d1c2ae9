package dev.penstock.common.pool.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class NetworksTest {
    @Test
    void contain_countsBits_inBothFamilies() {
        Networks networks = Networks.of(List.of("10.1.0.0/20", "fd00::/8", "192.0.2.7"));
        assertThat(networks.contain("10.1.15.255")).isTrue();
        assertThat(networks.contain("10.1.16.0")).isFalse();
        assertThat(networks.contain("fd12:3456::1")).isTrue();
        assertThat(networks.contain("fe80::1")).isFalse();
        assertThat(networks.contain("192.0.2.7")).isTrue();
        assertThat(networks.contain("192.0.2.8")).isFalse();
    }

    @Test
    void contain_names_neverAreLookedUp() {
        assertThat(Networks.of(List.of("0.0.0.0/0", "::/0")).contain("localhost"))
                .isFalse();
        assertThat(Networks.of(List.of("0.0.0.0/0")).contain("10.1")).isFalse();
    }

    @Test
    void contain_ipv4InsideIpv6_isTheIpv4Address() {
        assertThat(Networks.of(List.of("::/0")).contain("::ffff:10.0.0.1")).isFalse();
        assertThat(Networks.of(List.of("10.0.0.0/8")).contain("::ffff:10.0.0.1"))
                .isTrue();
    }

    @Test
    void of_nonsense_isRefused() {
        for (String text : List.of("10.0.0.0/33", "10.0.0.0/x", "example.com/8", "", "300.0.0.1/8", "::/129")) {
            assertThatThrownBy(() -> Networks.of(List.of(text))).as(text).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
