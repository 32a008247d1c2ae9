package dev.penstock.gateway.auth;

import java.security.SecureRandom;

/** How keys and their ids look: letters and digits only, so that they survive headers, subprotocols and double clicks. */
final class KeyText {
    static final String PREFIX = "psk-";
    private static final String ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    /** 43 of 62 letters: 256 bits. */
    private static final int KEY_LENGTH = 43;

    private static final int ID_LENGTH = 16;
    private static final SecureRandom random = new SecureRandom();

    private KeyText() {}

    static String key() {
        return PREFIX + letters(KEY_LENGTH);
    }

    static String id() {
        return "key_" + letters(ID_LENGTH);
    }

    static String userId() {
        return "usr_" + letters(ID_LENGTH);
    }

    static String sessionId() {
        return "ses_" + letters(ID_LENGTH);
    }

    private static String letters(int count) {
        var text = new StringBuilder(count);
        for (int i = 0; i < count; i++) {
            text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return text.toString();
    }
}
