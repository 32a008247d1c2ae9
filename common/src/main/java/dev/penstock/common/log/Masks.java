package dev.penstock.common.log;

import java.util.regex.Pattern;

/** Hides what looks like a credential. Pure; safe for any thread. */
public final class Masks {
    private static final Pattern KEY = Pattern.compile("\\b(p?sk|pk)-[A-Za-z0-9_-]{6,}");
    private static final Pattern BEARER = Pattern.compile(
            "\\b(bearer|authorization[:=] ?basic)([\\s.:=]+)[A-Za-z0-9._~+/=-]{6,}", Pattern.CASE_INSENSITIVE);
    private static final Pattern TOKEN = Pattern.compile("\\beyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*");
    private static final Pattern PASSWORD = Pattern.compile("(://[^:/@\\s]*:)[^@/\\s]+@");
    private static final String HIDDEN = "****";

    private Masks() {}

    /** The text with keys, bearer tokens, signed tokens and passwords in URLs replaced by stars; itself if there are none. */
    public static String mask(String text) {
        String masked = text;
        if (masked.contains("earer") || masked.contains("EARER") || masked.contains("asic ")) {
            masked = BEARER.matcher(masked).replaceAll("$1$2" + HIDDEN);
        }
        if (masked.contains("k-")) {
            masked = KEY.matcher(masked).replaceAll("$1-" + HIDDEN);
        }
        if (masked.contains("eyJ")) {
            masked = TOKEN.matcher(masked).replaceAll(HIDDEN);
        }
        if (masked.contains("://") && masked.indexOf('@') >= 0) {
            masked = PASSWORD.matcher(masked).replaceAll("$1" + HIDDEN + "@");
        }
        return masked;
    }

    /** {@link #mask} of at most {@code most} characters; what is cut off is told by its length. */
    static String bounded(String text, int most) {
        return text.length() <= most
                ? mask(text)
                : mask(text.substring(0, most)) + "… (" + (text.length() - most) + " more)";
    }
}
