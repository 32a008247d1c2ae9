package dev.penstock.gateway.route.policy;

/**
 * What an upstream is asked for: the prefix taken away or replaced. Pure.
 *
 * @param prefix of the route, without a slash at its end; empty for the root
 * @param strip whether the prefix is taken away
 * @param replacement what comes instead of it, without a slash at its end
 */
public record PathRewrite(String prefix, boolean strip, String replacement) {
    public PathRewrite {
        prefix = bare(prefix);
        replacement = bare(replacement);
    }

    /** @param path as it was matched: it begins with the prefix */
    public String apply(String path) {
        if (!strip && replacement.isEmpty()) {
            return path;
        }
        String rest = path.substring(prefix.length());
        int slashes = 0;
        while (slashes < rest.length() && rest.charAt(slashes) == '/') {
            slashes++;
        }
        // Never two slashes at the beginning: some servers take what follows for a host.
        return replacement + '/' + rest.substring(slashes);
    }

    private static String bare(String prefix) {
        return prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix;
    }
}
