package dev.penstock.gateway.guard;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Shapes of a head that smuggle a second request past one of two servers (RFC 9112 §3.2, §6.1, §6.3, §11.2). A length
 * beside a transfer coding never gets here: {@link StrictDecoder} refuses it.
 */
final class Framing {
    private static final int UNKNOWN_CODING = 501;

    private Framing() {}

    /** Why where the request ends is not clear; null if it is. */
    static @Nullable Fault refusal(HttpServerRequest request) {
        if (request.version() == HttpVersion.HTTP_2) {
            return null;
        }
        MultiMap headers = request.headers();
        if (request.version() == HttpVersion.HTTP_1_1 && !headers.contains(HttpHeaders.HOST)) {
            return Fault.invalid("Host", "A request needs exactly one Host.");
        }
        if (headers.contains(HttpHeaders.TRANSFER_ENCODING)) {
            return coding(request, headers.getAll(HttpHeaders.TRANSFER_ENCODING));
        }
        return headers.contains(HttpHeaders.CONTENT_LENGTH)
                        && headers.getAll(HttpHeaders.CONTENT_LENGTH).size() > 1
                ? Fault.invalid("Content-Length", "A request has at most one Content-Length.")
                : null;
    }

    private static @Nullable Fault coding(HttpServerRequest request, List<String> lines) {
        if (request.version() == HttpVersion.HTTP_1_0 || request.headers().contains(HttpHeaders.CONTENT_LENGTH)) {
            return Fault.invalid("Transfer-Encoding", "Transfer-Encoding cannot stand here.");
        }
        String all = String.join(",", lines).toLowerCase(Locale.ROOT);
        String last = all.substring(all.lastIndexOf(',') + 1).strip();
        if (!last.equals("chunked")) {
            return Fault.invalid("Transfer-Encoding", "The last transfer coding of a request must be chunked.");
        }
        return all.strip().equals("chunked")
                ? null
                : Fault.detailed(
                        FaultCode.INVALID_REQUEST,
                        UNKNOWN_CODING,
                        "The only transfer coding that is understood is chunked.",
                        "Transfer-Encoding",
                        null);
    }
}
