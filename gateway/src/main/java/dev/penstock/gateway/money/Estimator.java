package dev.penstock.gateway.money;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.penstock.common.contract.Usage;
import dev.penstock.gateway.exchange.Estimate;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Route;
import dev.penstock.gateway.exchange.Slot;
import dev.penstock.gateway.money.policy.Learned;
import dev.penstock.gateway.policy.OperationClass;
import dev.penstock.gateway.wire.Form;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Guesses what a request will use from what calls of its model used before. Prompts are measured in bytes, not tokenised.
 * Safe for many event loops.
 */
public final class Estimator {
    private static final int MOST_MODELS = 2_000;

    private final Cache<String, Guarded> models = Caffeine.newBuilder()
            .maximumSize(MOST_MODELS)
            .executor(Runnable::run)
            .build();

    private record Guarded(ReentrantLock lock, Learned learned) {}

    /** What is still to be computed of a request: without what a cache answered or another request brings. */
    public Estimate estimate(Exchange exchange) {
        if (exchange.namedModel() == null) {
            return Estimate.NONE;
        }
        return exchange.route() == Route.EMBEDDINGS ? items(exchange) : written(exchange);
    }

    private static Estimate items(Exchange exchange) {
        long tokens = 0;
        for (Slot slot : exchange.slots()) {
            if (slot.state() != Slot.State.HIT && slot.state() != Slot.State.JOIN) {
                tokens += exchange.embeddings().inputs().get(slot.input()).weight();
            }
        }
        return new Estimate(tokens, 0);
    }

    private Estimate written(Exchange exchange) {
        boolean joins =
                !exchange.slots().isEmpty() && exchange.slots().getFirst().state() == Slot.State.JOIN;
        return joins ? Estimate.NONE : attempt(exchange);
    }

    /** What one attempt at a chat will use, whoever asked for it. */
    Estimate attempt(Exchange exchange) {
        Form form = exchange.asked().form();
        if (form == Form.COUNT_TOKENS || form == Form.MODERATIONS) {
            return Estimate.NONE; // nobody charges for these
        }
        Guarded known = guarded(exchange.model().name());
        known.lock().lock();
        try {
            long read = known.learned().tokensOf(exchange.asked().body().size());
            if (exchange.route().operationClass() != OperationClass.AI) {
                return new Estimate(read, 0); // ranks, scores and labels are not written in tokens
            }
            long most = exchange.asked().mostWritten();
            long usual = known.learned().usualAnswer();
            return new Estimate(read, most > 0 ? Math.min(most, usual) : usual);
        } finally {
            known.lock().unlock();
        }
    }

    /** A backend has counted. */
    void saw(String model, long promptBytes, Usage usage) {
        if (usage.estimated() || usage.total() == 0) {
            return;
        }
        Guarded known = guarded(model);
        known.lock().lock();
        try {
            known.learned().saw(promptBytes, usage.read(), usage.written());
        } finally {
            known.lock().unlock();
        }
    }

    private Guarded guarded(String model) {
        return models.get(model, name -> new Guarded(new ReentrantLock(), new Learned()));
    }
}
