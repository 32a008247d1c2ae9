package dev.penstock.gateway.ops;

import dev.penstock.gateway.ops.Bundle.Asset;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Files of pages that come with the gateway, answered from memory. */
final class FileAnswer {
    /** Own files only, nothing in line, no frames; sockets of the same host fall under 'self'. */
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                    + " font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private FileAnswer() {}

    /** The file in the best encoding that the caller reads, or that it has it already. */
    static Future<Answer> of(HttpServerRequest request, Asset asset, String caching) {
        String encoding = encoding(request.getHeader("accept-encoding"), asset);
        // One tag per encoding: they are different bytes.
        String etag = '"' + asset.etag() + (encoding == null ? "" : "-" + encoding) + '"';
        Map<String, String> headers = new HashMap<>();
        headers.put("etag", etag);
        headers.put("vary", "accept-encoding");
        headers.put("cache-control", caching);
        headers.put("content-security-policy", POLICY);
        if (unchanged(request.getHeader("if-none-match"), etag)) {
            return Future.succeededFuture(new Answer.Whole(304, null, headers));
        }
        headers.put("content-type", asset.type());
        Buffer body = asset.plain();
        if (encoding != null) {
            headers.put("content-encoding", encoding);
            body = asset.encodings().getOrDefault(encoding, body);
        }
        return Future.succeededFuture(new Answer.Whole(200, body, headers));
    }

    private static boolean unchanged(@Nullable String known, String etag) {
        if (known == null) {
            return false;
        }
        for (String candidate : known.split(",", -1)) {
            String bare = candidate.strip();
            if (bare.equals("*") || bare.equals(etag) || bare.equals("W/" + etag)) {
                return true;
            }
        }
        return false;
    }

    /** The best encoding that both sides have; null for none. */
    private static @Nullable String encoding(@Nullable String accepted, Asset asset) {
        if (accepted == null) {
            return null;
        }
        for (String candidate : List.of("br", "gzip")) {
            if (asset.encodings().containsKey(candidate) && accepts(accepted, candidate)) {
                return candidate;
            }
        }
        return null;
    }

    private static boolean accepts(String accepted, String encoding) {
        for (String part : accepted.split(",", -1)) {
            String[] pieces = part.split(";", 2);
            if (pieces[0].strip().equalsIgnoreCase(encoding)) {
                return pieces.length == 1 || !pieces[1].replace(" ", "").matches("q=0(\\.0*)?");
            }
        }
        return false;
    }
}
