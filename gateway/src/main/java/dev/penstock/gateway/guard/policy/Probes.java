package dev.penstock.gateway.guard.policy;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Paths that nobody asks for who was led here; they count only where nothing serves them. Pure. */
public final class Probes {
    private static final Set<String> ENDINGS =
            Set.of(".php", ".asp", ".aspx", ".jsp", ".jspx", ".cgi", ".cfm", ".bak", ".sql");
    private static final List<String> PARTS = List.of(
            "/.env",
            "/.git",
            "/.svn",
            "/.hg",
            "/.aws",
            "/.ssh",
            "/.docker",
            "/.ds_store",
            "/.htaccess",
            "/.htpasswd",
            "/.vscode",
            "/wp-admin",
            "/wp-content",
            "/wp-includes",
            "/wp-json",
            "/phpmyadmin",
            "/phpunit",
            "/cgi-bin/",
            "/actuator",
            "/server-status",
            "/manager/html",
            "/solr/admin",
            "/boaform",
            "/hnap1",
            "/owa/auth",
            "/autodiscover",
            "/druid/",
            "/jmx-console",
            "/_ignition",
            "/telescope/",
            "/id_rsa",
            "/backup.",
            "/dump.");

    private Probes() {}

    /** Whether somebody who asks for this looks for holes. */
    public static boolean is(String path) {
        String lower = path.toLowerCase(Locale.ROOT);
        int dot = lower.lastIndexOf('.');
        if (dot >= 0 && ENDINGS.contains(lower.substring(dot))) {
            return true;
        }
        for (int i = 0; i < PARTS.size(); i++) {
            if (lower.contains(PARTS.get(i))) {
                return true;
            }
        }
        return false;
    }
}
