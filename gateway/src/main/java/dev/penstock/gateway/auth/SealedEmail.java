package dev.penstock.gateway.auth;

import dev.penstock.common.crypto.FieldCipher;
import dev.penstock.common.unit.Bytes;
import java.util.List;
import java.util.Locale;

/**
 * An e-mail address as it is stored: encrypted, bound to its user, and found by an index that cannot be read. Immutable.
 *
 * @param text of {@link FieldCipher#encryptText}
 * @param index of the address in small letters
 */
record SealedEmail(String text, Bytes index) {
    /** As the privacy export names it too. */
    private static final String FIELD = "app_user.email";

    static SealedEmail of(FieldCipher cipher, String email, String user) {
        return new SealedEmail(cipher.encryptText(email, FIELD, user), cipher.index(small(email), FIELD));
    }

    /** What it may be stored under, as long as keys are being rotated. */
    static List<Bytes> indexes(FieldCipher cipher, String email) {
        return cipher.indexes(small(email), FIELD);
    }

    String open(FieldCipher cipher, String user) {
        return cipher.decryptText(text, FIELD, user);
    }

    private static String small(String email) {
        return email.toLowerCase(Locale.ROOT);
    }
}
