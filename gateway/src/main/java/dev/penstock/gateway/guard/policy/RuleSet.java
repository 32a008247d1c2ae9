package dev.penstock.gateway.guard.policy;

import dev.penstock.common.config.RuleExceptionConfig;
import dev.penstock.common.config.RuleMode;
import dev.penstock.common.config.RulesConfig;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A small set of rules against injection and traversal, over paths, queries and headers; never over prompts, which may say
 * anything. What holds no suspicious character costs one pass over it. Pure and immutable.
 *
 * <p>It is a net with known holes, not a proof: whoever needs a full rule set puts ModSecurity or Coraza in front.
 */
public final class RuleSet {
    /** Text beyond this is not looked at; the server's bound of the first line is less. */
    static final int LONGEST = 8 * 1024;

    private static final int DECODINGS = 3;
    private static final String SUSPICIOUS = "%+ '\"<>;|`$\\{}()*\0";

    private final RulesConfig config;
    private final List<RuleExceptionConfig> exceptions;
    private final boolean off;

    /**
     * What a rule found.
     *
     * @param where {@code path}, {@code query} or the name of a header or field
     */
    public record Match(RuleClass type, String where, boolean blocked) {}

    public RuleSet(RulesConfig config) {
        this.config = config;
        this.exceptions = config.exceptions().stream()
                .sorted(Comparator.comparingInt(
                        (RuleExceptionConfig exception) -> -exception.path().length()))
                .toList();
        this.off = exceptions.isEmpty()
                && List.of(RuleClass.values()).stream().allMatch(type -> mode(type, "/") == RuleMode.OFF);
    }

    /**
     * Looks at the first line of a request.
     *
     * @param path as it was sent, not decoded
     * @return null where nothing matched
     */
    public @Nullable Match line(String path, @Nullable String query) {
        if (off) {
            return null;
        }
        Match found = path(path);
        if ((found != null && found.blocked()) || query == null || query.isEmpty()) {
            return found;
        }
        Match other = query(query, path);
        return other == null ? found : worse(found, other);
    }

    /** Looks at one header or form field, which is not URL-encoded. */
    public @Nullable Match text(String name, String value, String path) {
        if (off || !telling(value)) {
            return null;
        }
        String text = cut(value).toLowerCase(Locale.ROOT);
        return find(text, name, path, null);
    }

    private @Nullable Match path(String path) {
        if (plain(path)) {
            return null;
        }
        String text = decoded(cut(path), false);
        RuleMode traversal = mode(RuleClass.TRAVERSAL, path);
        if (traversal != RuleMode.OFF && climbs(text)) {
            return new Match(RuleClass.TRAVERSAL, "path", traversal == RuleMode.BLOCK);
        }
        return find(text, "path", path, null);
    }

    private @Nullable Match query(String query, String path) {
        String text = cut(query);
        Match found = null;
        int start = 0;
        while (start <= text.length()) {
            int end = text.indexOf('&', start);
            end = end < 0 ? text.length() : end;
            String parameter = text.substring(start, end);
            if (!plain(parameter) || parameter.indexOf("/") >= 0) {
                int equals = parameter.indexOf('=');
                String value = equals < 0 ? parameter : parameter.substring(equals + 1);
                found = find(decoded(value, true), "query", path, found);
                if (equals > 0 && !plain(parameter.substring(0, equals))) {
                    found = find(decoded(parameter.substring(0, equals), true), "query", path, found);
                }
                if (found != null && found.blocked()) {
                    return found;
                }
            }
            start = end + 1;
        }
        return found;
    }

    private @Nullable Match find(String text, String where, String path, @Nullable Match before) {
        Match found = before;
        for (RuleClass type : RuleClass.values()) {
            RuleMode mode = mode(type, path);
            if (mode != RuleMode.OFF && RulePatterns.match(type, text)) {
                found = worse(found, new Match(type, where, mode == RuleMode.BLOCK));
            }
        }
        return found;
    }

    private static Match worse(@Nullable Match a, Match b) {
        return a == null || (!a.blocked() && b.blocked()) ? b : a;
    }

    private RuleMode mode(RuleClass type, String path) {
        for (int i = 0; i < exceptions.size(); i++) {
            if (path.startsWith(exceptions.get(i).path())) {
                RuleMode own = own(exceptions.get(i), type);
                if (own != null) {
                    return own;
                }
            }
        }
        return switch (type) {
            case SQL -> config.sql();
            case SCRIPT -> config.script();
            case TRAVERSAL -> config.traversal();
            case COMMAND -> config.command();
            case SPLIT -> config.split();
        };
    }

    private static @Nullable RuleMode own(RuleExceptionConfig exception, RuleClass type) {
        return switch (type) {
            case SQL -> exception.sql();
            case SCRIPT -> exception.script();
            case TRAVERSAL -> exception.traversal();
            case COMMAND -> exception.command();
            case SPLIT -> exception.split();
        };
    }

    /** Nothing that any rule begins with. */
    private static boolean plain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || SUSPICIOUS.indexOf(c) >= 0 || (c == '.' && i > 0 && text.charAt(i - 1) == '.')) {
                return false;
            }
        }
        return true;
    }

    /** Parentheses and semicolons are in every browser's own header. */
    private static boolean telling(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c == '<' || c == '$' || c == '{' || c == '\'' || c == '`' || c == '|') {
                return true;
            }
        }
        return false;
    }

    /** A path, unlike a value in a query, has no reason at all to go up. */
    private static boolean climbs(String path) {
        int at = path.indexOf("..");
        while (at >= 0) {
            boolean begins = at == 0 || path.charAt(at - 1) == '/' || path.charAt(at - 1) == '\\';
            int after = at + 2;
            boolean ends = after == path.length() || "/\\;".indexOf(path.charAt(after)) >= 0;
            if (begins && ends) {
                return true;
            }
            at = path.indexOf("..", at + 1);
        }
        return false;
    }

    private static String cut(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST);
    }

    /** What the text means to whoever decodes it again and again; comments of SQL become spaces. */
    static String decoded(String text, boolean plusIsSpace) {
        String now = plusIsSpace ? text.replace('+', ' ') : text;
        for (int i = 0; i < DECODINGS && now.indexOf('%') >= 0; i++) {
            String next = percent(now);
            if (next.equals(now)) {
                break;
            }
            now = next;
        }
        return withoutComments(now.toLowerCase(Locale.ROOT));
    }

    private static String percent(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int high = c == '%' && i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
            int low = high < 0 ? -1 : Character.digit(text.charAt(i + 2), 16);
            if (low < 0) {
                out.append(c);
                continue;
            }
            int value = high * 16 + low;
            i += 2;
            // Overlong forms of ASCII: no encoder writes them, some decoders take them.
            if ((value == 0xc0 || value == 0xc1) && i + 3 < text.length() && text.charAt(i + 1) == '%') {
                int next = Integer.parseInt(hex(text, i + 2), 16);
                out.append((char) (((value & 1) << 6) | (next & 0x3f)));
                i += 3;
            } else {
                out.append((char) value);
            }
        }
        return out.toString();
    }

    private static String hex(String text, int at) {
        boolean both = Character.digit(text.charAt(at), 16) >= 0 && Character.digit(text.charAt(at + 1), 16) >= 0;
        return both ? text.substring(at, at + 2) : "3f";
    }

    private static String withoutComments(String text) {
        int open = text.indexOf("/*");
        if (open < 0) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length());
        int from = 0;
        while (open >= 0) {
            int close = text.indexOf("*/", open + 2);
            if (close < 0) {
                break;
            }
            out.append(text, from, open).append(' ');
            from = close + 2;
            open = text.indexOf("/*", from);
        }
        return out.append(text, from, text.length()).toString();
    }
}
