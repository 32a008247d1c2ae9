package dev.penstock.gateway.http;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** W3C trace context, version 00: reads a caller's, makes our own span below it, or starts a trace. */
final class TraceContext {
    private static final int LENGTH = 55;
    private static final int SPAN_AT = 36;
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private TraceContext() {}

    /** A span of ours in the caller's trace, or in a new, sampled one where the caller's header is absent or broken. */
    static String child(@Nullable String incoming) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        byte[] text = new byte[LENGTH];
        if (incoming != null && valid(incoming)) {
            System.arraycopy(incoming.getBytes(StandardCharsets.ISO_8859_1), 0, text, 0, LENGTH);
        } else {
            text[0] = '0';
            text[1] = '0';
            text[2] = '-';
            hex(random.nextLong() | 1, text, 3);
            hex(random.nextLong(), text, 19);
            text[35] = '-';
            text[52] = '-';
            text[53] = '0';
            text[54] = '1';
        }
        hex(random.nextLong() | 1, text, SPAN_AT);
        return latin(text);
    }

    /** 32 hexadecimal digits. */
    static String id() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        byte[] text = new byte[32];
        hex(random.nextLong(), text, 0);
        hex(random.nextLong(), text, 16);
        return latin(text);
    }

    static boolean valid(String header) {
        if (header.length() != LENGTH || !header.startsWith("00-")) {
            return false;
        }
        boolean traceSet = false;
        boolean spanSet = false;
        for (int i = 3; i < LENGTH; i++) {
            char c = header.charAt(i);
            boolean dash = i == 35 || i == 52;
            if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
                return false;
            }
            traceSet |= i < 35 && c != '0';
            spanSet |= i > 35 && i < 52 && c != '0';
        }
        return traceSet && spanSet;
    }

    private static void hex(long value, byte[] into, int at) {
        for (int i = 0; i < 16; i++) {
            into[at + i] = HEX[(int) (value >>> (60 - 4 * i)) & 15];
        }
    }

    private static String latin(byte[] text) {
        return new String(text, StandardCharsets.ISO_8859_1);
    }
}
