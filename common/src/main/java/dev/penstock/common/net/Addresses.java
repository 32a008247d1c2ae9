package dev.penstock.common.net;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** Reads addresses without ever asking DNS. Pure. */
public final class Addresses {
    private static final int LONGEST = 64;
    private static final int HALF = 8;

    private Addresses() {}

    /**
     * The 4 or 16 bytes of an address; null for what is none. An IPv4 address inside IPv6 ({@code ::ffff:1.2.3.4}) is the
     * IPv4 address, and an interface name ({@code %eth0}) is left out.
     */
    public static byte @Nullable [] parse(String text) {
        if (text.isEmpty() || text.length() > LONGEST) {
            return null;
        }
        int zone = text.indexOf('%');
        String plain = zone < 0 ? text : text.substring(0, zone);
        try {
            if (plain.indexOf(':') >= 0) {
                return Inet6Address.ofLiteral(plain).getAddress();
            }
            return fourParts(plain) ? Inet4Address.ofLiteral(plain).getAddress() : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /**
     * What an address counts as for limits and blocks: itself for IPv4, its /64 for IPv6, since one subscriber has at
     * least that. Text that is no address counts as itself.
     */
    public static String group(String address) {
        if (address.indexOf(':') < 0) {
            return address;
        }
        byte[] bytes = parse(address);
        if (bytes == null) {
            return address;
        }
        if (bytes.length == HALF / 2) {
            return text(bytes);
        }
        for (int i = HALF; i < bytes.length; i++) {
            bytes[i] = 0;
        }
        return text(bytes) + "/64";
    }

    /** The usual text of 4 or 16 bytes. */
    public static String text(byte[] address) {
        try {
            return InetAddress.getByAddress(address).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + address.length, e);
        }
    }

    /** Java alone would also read {@code 1} and {@code 127.1}. */
    private static boolean fourParts(String text) {
        int dots = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '.') {
                dots++;
            } else if (c < '0' || c > '9') {
                return false;
            }
        }
        return dots == 3;
    }
}
