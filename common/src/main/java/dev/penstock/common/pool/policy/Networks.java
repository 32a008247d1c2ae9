package dev.penstock.common.pool.policy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A set of networks in CIDR notation. Only literal addresses are understood: nothing is ever looked up. Immutable. */
public final class Networks {
    private final List<Network> networks;

    @SuppressWarnings("ArrayRecordComponent") // private, never shared
    private record Network(byte[] address, int prefix) {}

    private Networks(List<Network> networks) {
        this.networks = List.copyOf(networks);
    }

    /** @throws IllegalArgumentException with what is wrong, for people, if one is no network */
    public static Networks of(List<String> texts) {
        List<Network> networks = new ArrayList<>();
        for (String text : texts) {
            int slash = text.indexOf('/');
            byte[] address = address(slash < 0 ? text : text.substring(0, slash));
            if (address == null) {
                throw new IllegalArgumentException("'" + text + "' does not begin with an address");
            }
            int prefix = slash < 0 ? address.length * 8 : prefix(text.substring(slash + 1));
            if (prefix < 0 || prefix > address.length * 8) {
                throw new IllegalArgumentException(
                        "the number after the slash must be between 0 and " + address.length * 8);
            }
            networks.add(new Network(address, prefix));
        }
        return new Networks(networks);
    }

    public boolean none() {
        return networks.isEmpty();
    }

    /** Whether {@code text} is a literal address in one of the networks. */
    public boolean contain(String text) {
        byte[] address = address(text);
        return address != null && networks.stream().anyMatch(network -> within(address, network));
    }

    /** Whether {@code text} is a literal IPv4 or IPv6 address. */
    public static boolean literal(String text) {
        return address(text) != null;
    }

    private static boolean within(byte[] address, Network network) {
        if (address.length != network.address().length) {
            return false;
        }
        for (int bit = 0; bit < network.prefix(); bit++) {
            int mask = 0x80 >>> (bit % 8);
            if (((address[bit / 8] ^ network.address()[bit / 8]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Null where the text is no literal address. */
    private static byte @Nullable [] address(String text) {
        boolean digitsAndDots = text.matches("\\d{1,3}(\\.\\d{1,3}){3}");
        boolean colons = text.contains(":") && text.matches("[0-9A-Fa-f:.]{2,45}");
        if (!digitsAndDots && !colons) {
            return null;
        }
        try {
            // A literal is never looked up; an IPv4 address inside an IPv6 one comes out as the IPv4 one.
            return InetAddress.getByName(text).getAddress();
        } catch (UnknownHostException e) {
            return null;
        }
    }

    private static int prefix(String text) {
        return text.matches("\\d{1,3}") ? Integer.parseInt(text) : -1;
    }
}
