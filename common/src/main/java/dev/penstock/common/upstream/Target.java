package dev.penstock.common.upstream;

import dev.penstock.common.config.InstanceConfig;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.time.Duration;

/**
 * Where an instance is, taken apart once.
 *
 * @param basePath path of the configured URL without a trailing slash, for example {@code /v1}
 */
record Target(String host, int port, boolean tls, String basePath, String apiKey) {
    static Target of(InstanceConfig instance) {
        URI uri = URI.create(instance.url());
        boolean tls = "https".equalsIgnoreCase(uri.getScheme());
        int port = uri.getPort() >= 0 ? uri.getPort() : tls ? 443 : 80;
        String path = uri.getPath() == null ? "" : uri.getPath();
        while (path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
        return new Target(uri.getHost(), port, tls, path, instance.apiKey().reveal());
    }

    RequestOptions post(String path, String correlationId, Duration connectTimeout) {
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setHost(host)
                .setPort(port)
                .setSsl(tls)
                .setURI(basePath + path)
                .setConnectTimeout(connectTimeout.toMillis())
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .putHeader("X-Request-ID", correlationId);
        return apiKey.isEmpty() ? options : options.putHeader(HttpHeaders.AUTHORIZATION, "Bearer " + apiKey);
    }
}
