package dev.penstock.gateway.guard.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.net.Addresses;
import dev.penstock.common.net.Cidr;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ForwardedTest {
    private static final List<Cidr> PROXIES = Cidr.all(List.of("10.0.0.0/8", "2001:db8::/32"));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "203.0.113.7|203.0.113.7",
                "1.1.1.1, 203.0.113.7|203.0.113.7",
                "1.1.1.1, 203.0.113.7, 10.0.0.9|203.0.113.7",
                "203.0.113.7:4711|203.0.113.7",
                "[2a00::1]:80|2a00:0:0:0:0:0:0:1",
                "10.0.0.2, 10.0.0.3|10.0.0.2",
                "203.0.113.7, unknown|10.0.0.1",
                "203.0.113.7, 127.1|10.0.0.1",
                "|10.0.0.1",
            })
    void takesTheRightmostAddressThatIsNoProxyOfOurs(String header, String client) {
        List<String> values = header == null ? List.of() : List.of(header);
        assertThat(Forwarded.client("10.0.0.1", values, List.of(), PROXIES)).isEqualTo(client);
    }

    @Test
    void severalHeadersAreOneList() {
        assertThat(Forwarded.client("10.0.0.1", List.of("6.6.6.6", "203.0.113.7"), List.of(), PROXIES))
                .isEqualTo("203.0.113.7");
    }

    @Test
    void readsTheStandardHeaderWhereTheOtherIsAbsent() {
        var header = List.of("for=6.6.6.6, for=\"[2a00::1]:4711\";proto=https;by=10.0.0.9", "For=10.0.0.5");
        assertThat(Forwarded.client("10.0.0.1", List.of(), header, PROXIES)).isEqualTo("2a00:0:0:0:0:0:0:1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1/8", "10.0.0.0/33", "x", "", "10.0.0", "10.0.0.0/", "::/129", "1.2.3.4.5"})
    void whatIsNoNetworkIsNotRead(String text) {
        assertThat(Cidr.parse(text)).isEmpty();
    }

    @Test
    void ipv6CountsBySubscriberAndMappedAddressesAsIpv4() {
        assertThat(Addresses.group("2001:db8:1:2:3:4:5:6")).isEqualTo(Addresses.group("2001:db8:1:2::1"));
        assertThat(Addresses.group("2001:db8:1:2::1")).isNotEqualTo(Addresses.group("2001:db8:1:3::1"));
        assertThat(Addresses.group("::ffff:203.0.113.7")).isEqualTo("203.0.113.7");
        assertThat(Addresses.group("fe80::1%eth0")).endsWith("/64");
    }
}
