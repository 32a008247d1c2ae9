package dev.penstock.common.pool;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * Where one instance of a pool is.
 *
 * @param name unique in its pool
 * @param host what it is asked as (Host header, TLS name); a name or an address
 * @param address where to connect; equal to the host unless discovery has looked it up
 * @param basePath what goes before each request's path; without a trailing slash, empty for none
 * @param weight at least 1
 */
public record Instance(String name, boolean tls, String host, String address, int port, String basePath, int weight) {
    /**
     * Of a URL.
     *
     * @param name empty takes host and port
     * @throws IllegalArgumentException with what is wrong, for people, if it is no http or https URL of a host alone
     */
    public static Instance of(String name, String url, int weight) {
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("it is no URL", e);
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new IllegalArgumentException("it does not begin with http:// or https://");
        }
        String host = uri.getHost();
        if (host == null || host.isEmpty()) {
            throw new IllegalArgumentException("it names no host");
        }
        if (uri.getUserInfo() != null || uri.getQuery() != null || uri.getFragment() != null) {
            throw new IllegalArgumentException("it may hold scheme, host, port and path only");
        }
        if (host.startsWith("[")) {
            host = host.substring(1, host.length() - 1);
        }
        boolean tls = scheme.equals("https");
        int port = uri.getPort() >= 0 ? uri.getPort() : tls ? 443 : 80;
        if (port == 0 || port > 65_535) {
            throw new IllegalArgumentException("it names no port between 1 and 65535");
        }
        String path = uri.getRawPath() == null ? "" : uri.getRawPath();
        while (path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
        return at(name, tls, host, host, port, path, weight);
    }

    /** @param name empty takes address and port */
    static Instance at(String name, boolean tls, String host, String address, int port, String basePath, int weight) {
        String bracketed = address.contains(":") ? "[" + address + "]" : address;
        String own = name.isEmpty() ? bracketed + ":" + port : name;
        return new Instance(own, tls, host, address, port, basePath, weight);
    }

    /** As people write it. */
    public String url() {
        String bracketed = address.contains(":") ? "[" + address + "]" : address;
        return (tls ? "https://" : "http://") + bracketed + ":" + port + basePath;
    }
}
