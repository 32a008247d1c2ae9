package dev.penstock.gateway.stage;

import dev.penstock.common.config.ModelConfig;
import dev.penstock.common.contract.CacheContract.Entry;
import dev.penstock.common.contract.CacheContract.Tier;
import dev.penstock.gateway.exchange.Answer.Streamed;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Exchange.CacheMode;
import dev.penstock.gateway.exchange.Route;
import dev.penstock.gateway.exchange.Slot;
import dev.penstock.gateway.exchange.Timings.Phase;
import dev.penstock.gateway.exchange.Work;
import dev.penstock.gateway.money.CostHeader;
import dev.penstock.gateway.policy.WindowSet.Decision;
import dev.penstock.gateway.wire.Form;
import dev.penstock.gateway.wire.ModelsAnswer;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The headers that tell a caller where its answer came from, what it took, and what is left of its limits. */
public final class AnswerHeaders {
    private static final CharSequence CACHE_STATUS = HttpHeaders.createOptimized("cache-status");
    private static final CharSequence AGE = HttpHeaders.createOptimized("age");
    private static final CharSequence SERVER_TIMING = HttpHeaders.createOptimized("server-timing");
    private static final CharSequence PROCESSING = HttpHeaders.createOptimized("openai-processing-ms");
    /** Anthropic's name of {@code x-request-id}. */
    private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("request-id");

    private static final CharSequence REPLAYED = HttpHeaders.createOptimized("idempotent-replayed");
    private static final CharSequence MODEL = HttpHeaders.createOptimized("x-penstock-model");
    private static final CharSequence INSTANCE = HttpHeaders.createOptimized("x-penstock-instance");
    private static final CharSequence ATTEMPTS = HttpHeaders.createOptimized("x-penstock-attempts");
    private static final CharSequence BATCH_SIZE = HttpHeaders.createOptimized("x-penstock-batch-size");
    private static final CharSequence POLICY = HttpHeaders.createOptimized("ratelimit-policy");
    private static final CharSequence RATE_LIMIT = HttpHeaders.createOptimized("ratelimit");
    private static final CharSequence LIMIT = HttpHeaders.createOptimized("x-ratelimit-limit-requests");
    private static final CharSequence REMAINING = HttpHeaders.createOptimized("x-ratelimit-remaining-requests");
    private static final CharSequence RESET = HttpHeaders.createOptimized("x-ratelimit-reset-requests");
    private static final CharSequence TOKEN_LIMIT = HttpHeaders.createOptimized("x-ratelimit-limit-tokens");
    private static final CharSequence TOKEN_REMAINING = HttpHeaders.createOptimized("x-ratelimit-remaining-tokens");
    private static final CharSequence TOKEN_RESET = HttpHeaders.createOptimized("x-ratelimit-reset-tokens");
    private static final CharSequence WINDOW = HttpHeaders.createOptimized("x-ratelimit-window");
    private static final long MILLIS_PER_MINUTE = 60_000;
    private static final long MILLIS_PER_HOUR = 3_600_000;

    private final Clock clock;

    public AnswerHeaders(Clock clock) {
        this.clock = clock;
    }

    /** Puts on what is known now. */
    public void put(Exchange exchange) {
        MultiMap headers = exchange.request().response().headers();
        headers.set(SERVER_TIMING, exchange.timings().header());
        Form form = exchange.route().form();
        boolean models = exchange.route() == Route.MODELS || exchange.route() == Route.MODEL;
        if ((form != null && form.anthropic()) || (models && ModelsAnswer.anthropic(exchange.request()))) {
            headers.set(REQUEST_ID, exchange.call().correlationId());
        }
        ModelConfig model = exchange.namedModel();
        if (model != null) {
            Entry replayed = exchange.replayed();
            headers.set(MODEL, replayed == null ? model.name() : replayed.model());
            work(headers, exchange);
            if (exchange.fault() == null) {
                if (!(exchange.answer() instanceof Streamed)) {
                    headers.set(CostHeader.NAME, CostHeader.value(exchange.work()));
                }
                cache(headers, exchange);
            }
        }
        limits(headers, exchange);
    }

    private static void limits(MultiMap headers, Exchange exchange) {
        Decision limit = exchange.limit();
        if (exchange.upstream() != null) {
            if (exchange.work().attempts() > 0) {
                headers.set(INSTANCE, exchange.work().instance());
                headers.set(ATTEMPTS, Integer.toString(exchange.work().attempts()));
            }
            if (limit != null) {
                rateLimit(headers, limit);
            }
        } else if (limit != null) {
            headers.set(LIMIT, Long.toString(limit.limit()));
            headers.set(REMAINING, Long.toString(limit.remaining()));
            headers.set(RESET, goDuration(limit.resetMillis()));
            headers.set(WINDOW, limit.window());
        }
        Decision tokens = exchange.tokenLimit();
        if (tokens != null) {
            headers.set(TOKEN_LIMIT, Long.toString(tokens.limit()));
            headers.set(TOKEN_REMAINING, Long.toString(tokens.remaining()));
            headers.set(TOKEN_RESET, goDuration(tokens.resetMillis()));
            if (!tokens.admitted()) {
                headers.set(WINDOW, tokens.window());
            }
        }
    }

    /** The IETF's fields, as on every answer outside the AI API. */
    private static void rateLimit(MultiMap headers, Decision limit) {
        headers.set(POLICY, '"' + limit.window() + "\";q=" + limit.limit());
        headers.set(
                RATE_LIMIT,
                '"' + limit.window() + "\";r=" + limit.remaining() + ";t=" + (limit.resetMillis() + 999) / 1000);
    }

    private static void work(MultiMap headers, Exchange exchange) {
        Work work = exchange.work();
        if (work.attempts() == 0) {
            return;
        }
        headers.set(INSTANCE, work.instance());
        headers.set(ATTEMPTS, Integer.toString(work.attempts()));
        headers.set(PROCESSING, Long.toString(exchange.timings().of(Phase.UPSTREAM) / 1_000_000));
        if (work.batchSize() > 0) {
            headers.set(BATCH_SIZE, Integer.toString(work.batchSize()));
        }
    }

    private void cache(MultiMap headers, Exchange exchange) {
        Entry replayed = exchange.replayed();
        if (replayed != null) {
            headers.set(REPLAYED, "true");
            headers.set(CACHE_STATUS, "penstock-idempotency; hit; ttl=" + ttl(replayed, clock.millis()));
            headers.set(AGE, Long.toString(Math.max(0, (clock.millis() - replayed.createdAtMillis()) / 1000)));
            return;
        }
        List<Slot> slots = exchange.slots();
        if (slots.isEmpty() || exchange.cacheMode() == CacheMode.OFF) {
            headers.set(CACHE_STATUS, "penstock; fwd=bypass");
            return;
        }
        long now = clock.millis();
        if (slots.size() == 1) {
            headers.set(CACHE_STATUS, status(exchange, slots.getFirst(), now));
        } else {
            headers.set(CACHE_STATUS, items(slots));
        }
        long age = age(slots, now);
        if (age >= 0) {
            headers.set(AGE, Long.toString(age));
        }
    }

    private static String status(Exchange exchange, Slot slot, long now) {
        Tier tier = slot.tier();
        if (tier != null) {
            return "penstock-" + label(tier) + "; hit; ttl=" + ttl(slot.entry(), now);
        }
        String stored = slot.led() ? "; stored" : "";
        if (exchange.cacheMode() == CacheMode.REFRESH) {
            return "penstock; fwd=request" + stored;
        }
        return slot.joined() && !slot.computed() ? "penstock; fwd=miss; collapsed" : "penstock; fwd=miss" + stored;
    }

    private static long ttl(Entry entry, long now) {
        return (entry.createdAtMillis() + entry.ttl().toMillis() - now) / 1000;
    }

    private static String items(List<Slot> slots) {
        long hits = slots.stream().filter(slot -> slot.tier() != null).count();
        String detail = "; detail=\"" + hits + "/" + slots.size() + "\"";
        if (hits == slots.size()) {
            return "penstock-item; hit" + detail;
        }
        return (hits == 0 ? "penstock-item; fwd=miss" : "penstock-item; fwd=partial") + detail;
    }

    /** The age of the oldest part that came from a cache, in seconds; -1 where none did. */
    private static long age(List<Slot> slots, long now) {
        long age = -1;
        for (Slot slot : slots) {
            if (slot.tier() != null) {
                age = Math.max(age, Math.max(0, (now - slot.entry().createdAtMillis()) / 1000));
            }
        }
        return age;
    }

    static String label(@Nullable Tier tier) {
        return switch (tier) {
            case null -> "none";
            case L1 -> "l1";
            case L2 -> "l2";
            case L3 -> "l3";
            case MEMORY -> "memory";
        };
    }

    /** As OpenAI writes it: {@code 12ms}, {@code 2s}, {@code 6m0s}, {@code 1h0m0s}. */
    static String goDuration(long millis) {
        if (millis < 1000) {
            return millis + "ms";
        }
        long rest = (millis + 999) / 1000 * 1000;
        StringBuilder text = new StringBuilder();
        if (rest >= MILLIS_PER_HOUR) {
            text.append(rest / MILLIS_PER_HOUR).append('h');
        }
        if (rest >= MILLIS_PER_MINUTE) {
            text.append(rest % MILLIS_PER_HOUR / MILLIS_PER_MINUTE).append('m');
        }
        return text.append(rest % MILLIS_PER_MINUTE / 1000).append('s').toString();
    }
}
