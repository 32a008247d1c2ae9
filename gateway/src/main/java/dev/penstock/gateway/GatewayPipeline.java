package dev.penstock.gateway;

import dev.penstock.common.bus.CallContext;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.time.Ticker;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Step;
import dev.penstock.gateway.http.Edge;
import dev.penstock.gateway.stage.Stage;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leads each request through the stages. As long as no stage has to wait this is one loop on one thread without a future:
 * that is what makes a near-cache hit cheap. One pipeline per event loop.
 */
final class GatewayPipeline {
    private static final Logger log = LoggerFactory.getLogger(GatewayPipeline.class);

    private static final Duration LAST_WORD = Duration.ofSeconds(5);

    private final Stage[] stages;
    private final int respond;
    private final Ticker ticker;
    private final BiConsumer<Exchange, Step> driver = this::resume;

    /** @param stages in order; the last two are Respond and Settle */
    GatewayPipeline(List<Stage> stages, Ticker ticker) {
        this.stages = stages.toArray(Stage[]::new);
        this.respond = stages.size() - 2;
        this.ticker = ticker;
    }

    /** A request that has arrived; {@link #run} answers it. */
    Exchange open(HttpServerRequest request) {
        return new Exchange(request, ticker.nanos(), driver);
    }

    void run(Exchange exchange) {
        resume(exchange, Step.NEXT);
    }

    private void resume(Exchange exchange, Step from) {
        Step step = from;
        while (step != Step.LATER) {
            int next = step == Step.ANSWER ? Math.max(respond, exchange.stage()) : exchange.stage();
            if (next >= stages.length) {
                return;
            }
            exchange.stage(next + 1);
            step = enter(stages[next], exchange);
        }
    }

    private Step enter(Stage stage, Exchange exchange) {
        try {
            return stage.enter(exchange);
        } catch (Fault fault) {
            return exchange.refuse(fault);
        } catch (RuntimeException e) {
            log.error("{} failed", stage.getClass().getSimpleName(), e);
            return failed(exchange, Fault.from(e));
        }
    }

    /** A defect of ours: the caller is answered even where the first stage or the one that answers is the one that failed. */
    private Step failed(Exchange exchange, Fault fault) {
        if (!exchange.correlated()) {
            exchange.call(CallContext.internal("none", ticker.nanos(), LAST_WORD));
        }
        if (exchange.stage() == respond + 1) {
            if (exchange.request().response().headWritten()) {
                exchange.request().response().reset(); // half an answer must not look like a whole one
            }
            Edge.fail(exchange.request(), exchange.call(), fault);
        }
        return exchange.refuse(fault);
    }
}
