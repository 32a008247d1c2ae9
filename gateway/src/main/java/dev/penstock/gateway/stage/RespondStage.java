package dev.penstock.gateway.stage;

import dev.penstock.common.contract.CacheContract.Entry;
import dev.penstock.common.contract.CacheContract.Tier;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.time.Ticker;
import dev.penstock.common.unit.Bytes;
import dev.penstock.gateway.exchange.Answer.Relayed;
import dev.penstock.gateway.exchange.Answer.Streamed;
import dev.penstock.gateway.exchange.Answer.Whole;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Route;
import dev.penstock.gateway.exchange.Slot;
import dev.penstock.gateway.exchange.Step;
import dev.penstock.gateway.exchange.Timings.Phase;
import dev.penstock.gateway.http.Edge;
import dev.penstock.gateway.money.CostHeader;
import dev.penstock.gateway.nearcache.NearCache;
import dev.penstock.gateway.nearcache.NearEntry;
import dev.penstock.gateway.wire.EmbeddingsAnswer;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes the answer, or says why there is none. */
public final class RespondStage implements Stage {
    private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
    private static final CharSequence EVENTS = HttpHeaders.createOptimized("text/event-stream; charset=utf-8");
    private static final CharSequence NO_CACHE = HttpHeaders.createOptimized("no-cache");
    private static final CharSequence BUFFERING = HttpHeaders.createOptimized("x-accel-buffering");
    private static final CharSequence NO = HttpHeaders.createOptimized("no");

    private static final int NO_CONTENT = 204;

    private final NearCache near;
    private final AnswerHeaders headers;
    private final Ticker ticker;

    public RespondStage(NearCache near, AnswerHeaders headers, Ticker ticker) {
        this.near = near;
        this.headers = headers;
        this.ticker = ticker;
    }

    @Override
    public Step enter(Exchange exchange) {
        HttpServerResponse response = exchange.request().response();
        if (response.closed()) {
            exchange.refuse(Exchange.gone());
            return Step.NEXT;
        }
        Fault fault = exchange.fault();
        if (fault != null) {
            exchange.timings().lap(Phase.GATEWAY, ticker.nanos());
            headers.put(exchange);
            Edge.fail(exchange.request(), exchange.call(), fault, exchange.retried());
            return Step.NEXT;
        }
        Edge.secure(exchange.request(), exchange.call());
        if (exchange.answer() instanceof Streamed stream) {
            return stream(exchange, response, stream);
        }
        if (exchange.answer() instanceof Relayed relayed) {
            exchange.timings().lap(Phase.GATEWAY, ticker.nanos());
            headers.put(exchange);
            relayed.source().begin(response);
            return Step.LATER;
        }
        Buffer body = exchange.answer() instanceof Whole whole ? whole.body() : fromSlots(exchange);
        exchange.timings().lap(Phase.GATEWAY, ticker.nanos());
        headers.put(exchange);
        if (response.getStatusCode() != NO_CONTENT) {
            Entry replayed = exchange.replayed();
            response.headers().set(HttpHeaders.CONTENT_TYPE, replayed == null ? JSON : replayed.contentType());
        }
        response.end(body);
        return Step.NEXT;
    }

    private Step stream(Exchange exchange, HttpServerResponse response, Streamed stream) {
        exchange.timings().lap(Phase.GATEWAY, ticker.nanos());
        headers.put(exchange);
        CostHeader.announce(exchange.request());
        response.setChunked(true)
                .putHeader(HttpHeaders.CONTENT_TYPE, EVENTS)
                .putHeader(HttpHeaders.CACHE_CONTROL, NO_CACHE)
                .putHeader(BUFFERING, NO);
        stream.source().begin(response);
        return Step.LATER;
    }

    private Buffer fromSlots(Exchange exchange) {
        Slot first = exchange.slots().getFirst();
        if (exchange.route() != Route.EMBEDDINGS) {
            exchange.work()
                    .tokens(first.entry().usage().read(), first.entry().usage().written());
            return first.entry().body().asBuffer();
        }
        boolean single = exchange.embeddings().inputs().size() == 1;
        return single ? one(exchange, first).asBuffer() : many(exchange).asBuffer();
    }

    private Bytes one(Exchange exchange, Slot slot) {
        boolean base64 = exchange.embeddings().base64();
        Entry entry = slot.entry();
        long tokens = entry.usage().read();
        exchange.work().tokens(tokens, 0);
        NearEntry found = slot.near();
        @Nullable Bytes ready = found == null ? null : found.rendered(base64);
        if (ready != null) {
            return ready;
        }
        Bytes body = EmbeddingsAnswer.write(List.of(entry.body()), base64, entry.model(), tokens);
        if (found != null && slot.tier() == Tier.L1) {
            near.rendered(slot.key(), found, base64, body);
        }
        return body;
    }

    private static Bytes many(Exchange exchange) {
        int count = exchange.embeddings().inputs().size();
        List<Bytes> vectors = new ArrayList<>(count);
        long tokens = 0;
        for (int i = 0; i < count; i++) {
            Entry entry = exchange.slotOf(i).entry();
            vectors.add(entry.body());
            tokens += entry.usage().read();
        }
        exchange.work().tokens(tokens, 0);
        String model = exchange.slotOf(0).entry().model();
        return EmbeddingsAnswer.write(vectors, exchange.embeddings().base64(), model, tokens);
    }
}
