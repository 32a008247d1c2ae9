package dev.penstock.common.net;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A network such as {@code 10.0.0.0/8} or {@code 2001:db8::/32}; an address alone is a network of one. */
public final class Cidr {
    private final byte[] network;
    private final int bits;

    private Cidr(byte[] network, int bits) {
        this.network = network;
        this.bits = bits;
    }

    /** Reads a network; empty for what is none, also where bits are set behind the prefix. */
    public static Optional<Cidr> parse(String text) {
        int slash = text.indexOf('/');
        byte[] bytes = Addresses.parse(slash < 0 ? text : text.substring(0, slash));
        if (bytes == null) {
            return Optional.empty();
        }
        int width = bytes.length * 8;
        int bits = slash < 0 ? width : prefix(text.substring(slash + 1), width);
        if (bits < 0) {
            return Optional.empty();
        }
        Cidr cidr = new Cidr(bytes, bits);
        return Arrays.equals(cidr.masked(), bytes) ? Optional.of(cidr) : Optional.empty();
    }

    /**
     * Networks from a checked configuration.
     *
     * @throws IllegalArgumentException for what is no network
     */
    public static List<Cidr> all(List<String> texts) {
        return texts.stream()
                .map(text -> parse(text).orElseThrow(() -> new IllegalArgumentException(text + " is no network")))
                .toList();
    }

    /** Whether any of the networks contains the address. */
    public static boolean anyContains(List<Cidr> networks, byte[] address) {
        for (int i = 0; i < networks.size(); i++) {
            if (networks.get(i).contains(address)) {
                return true;
            }
        }
        return false;
    }

    /** @param address 4 or 16 bytes; those of the other kind are never contained */
    public boolean contains(byte[] address) {
        if (address.length != network.length) {
            return false;
        }
        int whole = bits / 8;
        for (int i = 0; i < whole; i++) {
            if (address[i] != network[i]) {
                return false;
            }
        }
        int rest = bits % 8;
        return rest == 0 || ((address[whole] ^ network[whole]) & (0xff << (8 - rest)) & 0xff) == 0;
    }

    private static int prefix(String text, int width) {
        if (text.isEmpty() || text.length() > 3 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return -1;
        }
        int bits = Integer.parseInt(text);
        return bits <= width ? bits : -1;
    }

    private byte[] masked() {
        byte[] masked = network.clone();
        for (int i = 0; i < masked.length; i++) {
            int left = Math.clamp(bits - i * 8L, 0, 8);
            masked[i] &= (byte) (0xff << (8 - left));
        }
        return masked;
    }

    @Override
    public String toString() {
        return Addresses.text(network) + "/" + bits;
    }
}
