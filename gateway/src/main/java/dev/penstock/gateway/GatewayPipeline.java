package dev.penstock.gateway;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.time.Ticker;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Step;
import dev.penstock.gateway.http.Edge;
import dev.penstock.gateway.stage.Stage;
import io.vertx.core.http.HttpServerRequest;
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

    /** A defect of ours: the caller is answered even where the stage that answers is the one that failed. */
    private Step failed(Exchange exchange, Fault fault) {
        if (exchange.correlated() && exchange.stage() == respond + 1) {
            Edge.fail(exchange.request(), exchange.call(), fault);
        }
        return exchange.refuse(fault);
    }
}
