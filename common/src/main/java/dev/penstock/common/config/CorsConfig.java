package dev.penstock.common.config;

import java.time.Duration;
import java.util.List;

/** Which pages of other origins may call from a browser. Without origins there is no CORS at all. */
public record CorsConfig(
        @Setting(doc = "Origins such as https://app.example.com; * for any, which is not possible with credentials.")
        List<String> origins,

        @Setting(doc = "Methods that such pages may use.", value = "GET,HEAD,POST,PUT,PATCH,DELETE")
        List<String> methods,

        @Setting(
                doc = "Request headers that such pages may send; * for any, which is not possible with credentials.",
                value = "authorization,content-type,x-api-key,x-request-id,x-correlation-id,idempotency-key,"
                        + "x-penstock-priority,x-penstock-cache,x-penstock-cache-ttl,x-penstock-timeout,x-penstock-tag,"
                        + "traceparent,openai-organization,openai-project,openai-beta,anthropic-version,anthropic-beta,"
                        + "x-stainless-lang,x-stainless-package-version,x-stainless-os,x-stainless-arch,"
                        + "x-stainless-runtime,x-stainless-runtime-version,x-stainless-retry-count,"
                        + "x-stainless-timeout,x-stainless-helper-method")
        List<String> headers,

        @Setting(doc = "Response headers that such pages may read beside Penstock's own.")
        List<String> exposedHeaders,

        @Setting(doc = "Whether such pages may send cookies.", value = "false")
        boolean credentials,

        @Setting(doc = "How long a browser may remember the answer to its question.", value = "10m", min = 0)
        Duration maxAge) {
    public CorsConfig {
        origins = List.copyOf(origins);
        methods = List.copyOf(methods);
        headers = List.copyOf(headers);
        exposedHeaders = List.copyOf(exposedHeaders);
    }
}
