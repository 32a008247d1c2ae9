package dev.penstock.gateway.route.policy;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Which content types a route takes, by name. What the bytes are is the matter of the check of contents. Pure. */
public final class ContentTypes {
    private ContentTypes() {}

    /**
     * Why a body of that type is not taken; null if it is.
     *
     * @param declared the value of {@code Content-Type}, or null
     * @param allowed types or {@code family/*}; empty takes all
     */
    public static @Nullable String refusal(@Nullable String declared, List<String> allowed) {
        if (allowed.isEmpty()) {
            return null;
        }
        String type = bare(declared);
        for (String one : allowed) {
            String pattern = one.toLowerCase(Locale.ROOT);
            boolean family = pattern.endsWith("/*");
            if (family ? type.startsWith(pattern.substring(0, pattern.length() - 1)) : type.equals(pattern)) {
                return null;
            }
        }
        String shown = type.isEmpty() || type.length() > 100 ? "unknown" : type;
        return "A body of type " + shown + " is not taken here; possible are " + String.join(", ", allowed) + ".";
    }

    private static String bare(@Nullable String declared) {
        if (declared == null) {
            return "";
        }
        int semicolon = declared.indexOf(';');
        return (semicolon < 0 ? declared : declared.substring(0, semicolon))
                .strip()
                .toLowerCase(Locale.ROOT);
    }
}
