package dev.penstock.common.config;

import dev.penstock.common.config.ConfigRules.Violation;
import dev.penstock.common.unit.Secret;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What must hold of {@code routes} beyond types and ranges. Pure. */
final class RouteRules {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    /** In the one form that requests are brought into: nothing escaped that need not be, no dots, no parameters. */
    private static final Pattern PREFIX =
            Pattern.compile("/|(/[A-Za-z0-9_~!$&'()*+,=:@-][A-Za-z0-9._~!$&'()*+,=:@-]*)+/?");

    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9.-]{1,253}");
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}");
    private static final Pattern TYPE = Pattern.compile("[a-z0-9.+-]+/([a-z0-9.+-]+|\\*)");
    private static final Pattern VARIABLE = Pattern.compile("\\{([^{}]*)}");
    private static final Set<String> RESERVED =
            Set.of("v1", "api", "health", "docs", "dashboard", "alertmanager", "optimization");
    private static final Set<String> VARIABLES = Set.of(
            "request-id",
            "client-address",
            "route",
            "key-id",
            "user",
            "team",
            "tenant",
            "role",
            "scheme",
            "method",
            "upstream");
    private static final Set<String> NOT_METHODS = Set.of("CONNECT", "TRACE");
    private static final Set<String> FRAMING = Set.of(
            "connection", "content-length", "transfer-encoding", "te", "trailer", "upgrade", "keep-alive", "host");

    private final List<Violation> violations;

    RouteRules(List<Violation> violations) {
        this.violations = violations;
    }

    /** @param uploads bounds of what routes that check uploads let through */
    void check(List<RouteConfig> routes, UploadsConfig uploads) {
        Map<String, Integer> names = new HashMap<>();
        Map<String, Integer> places = new HashMap<>();
        for (int i = 0; i < routes.size(); i++) {
            RouteConfig route = routes.get(i);
            String path = "routes[" + i + "]";
            if (!NAME.matcher(route.name()).matches()) {
                add(
                        path + ".name",
                        "a route's name may not be '" + shown(route.name()) + "'",
                        "Use up to 64 letters, digits and . _ -, beginning with a letter or digit");
            }
            unique(names, route.name(), i, path + ".name", "is already the name of routes[");
            place(route, path);
            String bare = route.prefix().replaceAll("/$", "");
            String place = route.host().toLowerCase(Locale.ROOT) + bare;
            unique(places, place, i, path + ".prefix", "already leads to routes[");
            methods(route, path);
            PoolRules.check(path + ".pool", route.pool(), violations);
            headers(route.requestHeaders(), path + ".request-headers");
            headers(route.responseHeaders(), path + ".response-headers");
            contents(route, path);
            uploads(route, uploads, path);
        }
    }

    private void place(RouteConfig route, String path) {
        String prefix = route.prefix();
        if (!PREFIX.matcher(prefix).matches()) {
            add(
                    path + ".prefix",
                    "'" + shown(prefix) + "' is no prefix of paths",
                    "Write whole segments such as /shop or /shop/v2, without escapes, dots at the start or empty segments");
        } else if (RESERVED.contains(prefix.substring(1).replaceAll("/.*", ""))) {
            add(
                    path + ".prefix",
                    "the gateway keeps '" + shown(prefix) + "' for itself",
                    "Take another first segment than "
                            + String.join(", ", RESERVED.stream().sorted().toList()));
        }
        if (!route.host().isEmpty() && !HOST.matcher(route.host()).matches()) {
            add(path + ".host", "this is no host", "Write a name such as shop.example.com, without a port");
        }
        String replace = route.path().replace();
        if (!replace.isEmpty() && !PREFIX.matcher(replace).matches()) {
            add(path + ".path.replace", "this is no path", "Write whole segments such as /internal/v2");
        }
        if (!replace.isEmpty() && route.path().strip()) {
            add(path + ".path", "strip and replace exclude each other", "Drop strip: replace takes the prefix away");
        }
    }

    private void methods(RouteConfig route, String path) {
        for (int i = 0; i < route.methods().size(); i++) {
            String method = route.methods().get(i);
            if (!TOKEN.matcher(method).matches()
                    || !method.equals(method.toUpperCase(Locale.ROOT))
                    || NOT_METHODS.contains(method)) {
                add(
                        path + ".methods[" + i + "]",
                        "'" + shown(method) + "' is no method that is passed on",
                        "Write for example GET or POST; CONNECT and TRACE are never passed on");
            }
        }
    }

    private void headers(HeaderRulesConfig rules, String path) {
        rules.set().forEach((name, value) -> header(name, value, path + ".set." + name));
        rules.add().forEach((name, value) -> header(name, value, path + ".add." + name));
        for (int i = 0; i < rules.remove().size(); i++) {
            name(rules.remove().get(i), path + ".remove[" + i + "]");
        }
    }

    private void header(String name, Secret value, String path) {
        name(name, path);
        Matcher variables = VARIABLE.matcher(value.reveal());
        while (variables.find()) {
            if (!VARIABLES.contains(variables.group(1))) {
                add(
                        path,
                        "{" + shown(variables.group(1)) + "} is no variable",
                        "Possible are "
                                + String.join(", ", VARIABLES.stream().sorted().toList()));
            }
        }
        if (value.reveal().chars().anyMatch(c -> c < ' ' || c > '~')) {
            add(path, "a header's value has visible ASCII characters only", "Write it without line breaks or accents");
        }
    }

    private void name(String name, String path) {
        if (!TOKEN.matcher(name).matches()) {
            add(path, "'" + shown(name) + "' is no name of a header", "Write for example X-Team");
        } else if (FRAMING.contains(name.toLowerCase(Locale.ROOT))) {
            add(path, name + " is the connection's own", "Drop it; for Host use preserve-host");
        }
    }

    private void contents(RouteConfig route, String path) {
        for (int i = 0; i < route.contentTypes().size(); i++) {
            if (!TYPE.matcher(route.contentTypes().get(i).toLowerCase(Locale.ROOT))
                    .matches()) {
                add(
                        path + ".content-types[" + i + "]",
                        "'" + shown(route.contentTypes().get(i)) + "' is no content type",
                        "Write for example application/pdf or image/*");
            }
        }
        if (!route.validation().schema().isBlank()
                && !route.validation().openapi().isBlank()) {
            add(path + ".validation", "schema and openapi exclude each other", "Keep one of them");
        }
    }

    private void uploads(RouteConfig route, UploadsConfig uploads, String path) {
        if (!route.checkUploads()) {
            return;
        }
        if (route.validation().on()) {
            add(path + ".check-uploads", "uploads and validated bodies exclude each other", "Use one route for each");
        }
        if (route.maxBody().bytes() > uploads.maxFile().bytes()) {
            add(
                    path + ".max-body",
                    "this is more than the " + uploads.maxFile().bytes() + " bytes that are checked",
                    "Lower it, or raise protection.uploads.max-file");
        }
    }

    private void unique(Map<String, Integer> seen, String name, int index, String path, String what) {
        Integer first = seen.putIfAbsent(name, index);
        if (first != null) {
            add(path, "'" + shown(name) + "' " + what + first + "]", "Give it another one");
        }
    }

    private void add(String path, String problem, String fix) {
        violations.add(new Violation(path, problem, fix));
    }

    private static String shown(String text) {
        return text.length() <= 60 ? text : text.substring(0, 60) + "…";
    }
}
