package dev.penstock.gateway.money;

import dev.penstock.common.unit.Money;
import dev.penstock.gateway.exchange.Work;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;

/** What an answer cost, as callers see it: dollars as a decimal number, or {@code unknown} where a price is. */
public final class CostHeader {
    public static final CharSequence NAME = HttpHeaders.createOptimized("x-penstock-cost");

    private static final CharSequence TRAILER = HttpHeaders.createOptimized("trailer");
    private static final CharSequence FREE = HttpHeaders.createOptimized("0");
    private static final CharSequence UNKNOWN = HttpHeaders.createOptimized("unknown");

    private CostHeader() {}

    /** Of the attempts that have ended: what no backend was asked for costs nothing. */
    public static CharSequence value(Work work) {
        if (work.unpriced() > 0) {
            return UNKNOWN;
        }
        return work.costNanos() == 0 ? FREE : Money.decimal(work.costNanos());
    }

    /** Says before a stream that its cost follows, where the caller can read that. */
    public static void announce(HttpServerRequest request) {
        if (wanted(request)) {
            request.response().putHeader(TRAILER, NAME);
        }
    }

    /** Sends the cost behind a stream; to be called before its end. */
    public static void trailer(HttpServerRequest request, Work work) {
        if (wanted(request)) {
            request.response().putTrailer(NAME, value(work));
        }
    }

    private static boolean wanted(HttpServerRequest request) {
        String accepted = request.getHeader("te");
        return accepted != null && accepted.toLowerCase(Locale.ROOT).contains("trailers");
    }
}
