package dev.penstock.gateway.route.policy;

import org.jspecify.annotations.Nullable;

/**
 * The path of a request in the one form that is matched and forwarded (RFC 3986 §6.2.2): unreserved characters decoded,
 * escapes in capitals, dot segments resolved. What two servers may read differently is refused: escaped slashes or
 * path parameters that hide a dot segment, backslashes and control characters. Pure.
 */
public final class RequestPath {
    private static final String HEX = "0123456789ABCDEF";

    private RequestPath() {}

    /** A target that no honest client sends. The message says what is wrong with it, without repeating it. */
    public static final class BadPath extends Exception {
        private static final long serialVersionUID = 1L;

        BadPath(String message) {
            super(message, null, false, false);
        }

        /** For the caller. */
        public String reason() {
            return String.valueOf(getMessage());
        }
    }

    /** The part of a request target before the query, of an absolute form too; null where it holds no path. */
    public static @Nullable String rawPath(String target) {
        int end = pathEnd(target);
        if (target.startsWith("/")) {
            return target.substring(0, end);
        }
        int scheme = target.indexOf("://");
        if (scheme <= 0 || scheme > end) {
            return null; // an asterisk, or the authority of a CONNECT
        }
        int slash = target.indexOf('/', scheme + 3);
        return slash < 0 || slash > end ? "/" : target.substring(slash, end);
    }

    /** The authority of an absolute form, which counts instead of {@code Host} (RFC 9112 §3.2.2); else null. */
    public static @Nullable String authority(String target) {
        int scheme = target.startsWith("/") ? -1 : target.indexOf("://");
        if (scheme <= 0 || scheme > pathEnd(target)) {
            return null;
        }
        int from = scheme + 3;
        int slash = target.indexOf('/', from);
        int end = pathEnd(target);
        return target.substring(from, slash < 0 || slash > end ? end : slash);
    }

    /** The query with its question mark as it came, else nothing. */
    public static String query(String target) {
        int mark = target.indexOf('?');
        if (mark < 0) {
            return "";
        }
        int fragment = target.indexOf('#', mark);
        return fragment < 0 ? target.substring(mark) : target.substring(mark, fragment);
    }

    private static int pathEnd(String target) {
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            if (c == '?' || c == '#') {
                return i;
            }
        }
        return target.length();
    }

    /**
     * The one form of a path.
     *
     * @param raw begins with a slash
     * @throws BadPath where servers may disagree about what it means
     */
    public static String normalise(String raw) throws BadPath {
        String unescaped = escapes(raw);
        return unescaped.contains("/.") ? dots(unescaped) : unescaped;
    }

    private static String escapes(String raw) throws BadPath {
        StringBuilder text = new StringBuilder(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '%') {
                int value = i + 2 < raw.length() ? octet(raw.charAt(i + 1), raw.charAt(i + 2)) : -1;
                octet(text, value);
                i += 2;
            } else if (c <= ' ' || c >= 0x7f || c == '\\' || c == '"' || c == '<' || c == '>') {
                throw new BadPath("The path has a character that must be escaped.");
            } else {
                text.append(c);
            }
        }
        String path = text.toString();
        hidden(path);
        return path;
    }

    private static void octet(StringBuilder text, int value) throws BadPath {
        if (value < 0) {
            throw new BadPath("The path has an escape that is not two hexadecimal digits.");
        }
        if (value < ' ' || value == 0x7f) {
            throw new BadPath("The path has a control character.");
        }
        if (unreserved(value)) {
            text.append((char) value);
        } else {
            text.append('%').append(HEX.charAt(value >> 4)).append(HEX.charAt(value & 15));
        }
    }

    private static int octet(char high, char low) {
        int h = Character.digit(high, 16);
        int l = Character.digit(low, 16);
        return h < 0 || l < 0 || high > 'f' || low > 'f' ? -1 : h << 4 | l;
    }

    private static boolean unreserved(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '.'
                || c == '_'
                || c == '~';
    }

    /** Servers that decode slashes, or drop what follows a semicolon, would see a dot segment where we see none. */
    private static void hidden(String path) throws BadPath {
        if (path.indexOf('%') < 0 && path.indexOf(';') < 0) {
            return;
        }
        String opened = path.replace("%2F", "/").replace("%5C", "/").replace("%3B", ";");
        for (String segment : opened.split("/", -1)) {
            int semicolon = segment.indexOf(';');
            boolean changed = semicolon >= 0 || !opened.equals(path);
            if (changed && dotted(semicolon < 0 ? segment : segment.substring(0, semicolon))) {
                throw new BadPath("The path hides a '..' or '.' behind an escape or a parameter.");
            }
        }
    }

    private static boolean dotted(String segment) {
        return segment.equals(".") || segment.equals("..");
    }

    /** RFC 3986 §5.2.4; what would climb above the root stays at the root. */
    private static String dots(String path) {
        StringBuilder out = new StringBuilder(path.length());
        int from = 1;
        while (from <= path.length()) {
            int slash = path.indexOf('/', from);
            int end = slash < 0 ? path.length() : slash;
            String segment = path.substring(from, end);
            if (segment.equals("..")) {
                out.setLength(Math.max(0, out.lastIndexOf("/")));
            } else if (!segment.equals(".")) {
                out.append('/').append(segment);
            }
            if (slash < 0) {
                if (dotted(segment)) {
                    out.append('/');
                }
                break;
            }
            from = slash + 1;
        }
        return out.isEmpty() ? "/" : out.toString();
    }
}
