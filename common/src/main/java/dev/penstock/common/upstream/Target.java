package dev.penstock.common.upstream;

import dev.penstock.common.config.Api;
import dev.penstock.common.config.InstanceConfig;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/**
 * Where an instance is and how it knows us, worked out once.
 *
 * @param root path that a call's path is appended to, without a trailing slash
 * @param query appended to each URI: empty, or a question mark and what follows it
 * @param identity headers that carry the key and the version of the API
 */
record Target(String host, int port, boolean tls, String root, String query, Map<String, String> identity) {
    private static final String V1 = "/v1";
    private static final String ANTHROPIC_VERSION = "2023-06-01";

    static Target of(InstanceConfig instance) {
        URI uri = URI.create(instance.url());
        boolean tls = "https".equalsIgnoreCase(uri.getScheme());
        int port = uri.getPort() >= 0 ? uri.getPort() : tls ? 443 : 80;
        String path = uri.getRawPath() == null ? "" : uri.getRawPath();
        while (path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
        boolean byDeployment =
                instance.api() == Api.AZURE && !instance.apiVersion().isEmpty();
        String root = switch (instance.api()) {
            case OPENAI -> path;
            case AZURE -> byDeployment ? deployment(path, instance) : azure(path);
            case ANTHROPIC, OLLAMA, VLLM, TEI ->
                path.endsWith(V1) ? path.substring(0, path.length() - V1.length()) : path;
        };
        String query = byDeployment ? "?api-version=" + encoded(instance.apiVersion()) : "";
        return new Target(uri.getHost(), port, tls, root, query, identity(instance));
    }

    private static String azure(String path) {
        if (path.isEmpty()) {
            return "/openai/v1";
        }
        return path.endsWith("/openai") ? path + V1 : path;
    }

    private static String deployment(String path, InstanceConfig instance) {
        String name = instance.deployment().isEmpty() ? instance.model() : instance.deployment();
        String openai = path.endsWith("/openai") ? path : path + "/openai";
        return openai + "/deployments/" + encoded(name);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static Map<String, String> identity(InstanceConfig instance) {
        String key = instance.apiKey().reveal();
        if (instance.api() == Api.ANTHROPIC) {
            String version = instance.apiVersion().isEmpty() ? ANTHROPIC_VERSION : instance.apiVersion();
            return key.isEmpty()
                    ? Map.of("anthropic-version", version)
                    : Map.of("anthropic-version", version, "x-api-key", key);
        }
        if (key.isEmpty()) {
            return Map.of();
        }
        return instance.api() == Api.AZURE ? Map.of("api-key", key) : Map.of("authorization", "Bearer " + key);
    }

    RequestOptions post(Outbound call, String correlationId, Duration connectTimeout) {
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setHost(host)
                .setPort(port)
                .setSsl(tls)
                .setURI(root + call.path() + query)
                .setConnectTimeout(connectTimeout.toMillis())
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .putHeader("X-Request-ID", correlationId);
        identity.forEach(options::putHeader);
        call.headers().forEach(options::putHeader);
        return options;
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "Target[" + host + ':' + port + root + ']';
    }
}
