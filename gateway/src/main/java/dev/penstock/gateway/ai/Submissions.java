package dev.penstock.gateway.ai;

import dev.penstock.common.bus.Bus;
import dev.penstock.common.bus.CallContext;
import dev.penstock.common.contract.BatchContract;
import dev.penstock.common.contract.BatchContract.Cancel;
import dev.penstock.common.time.Deadline;
import dev.penstock.common.time.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Names what this gateway has under way at batching-service, so that it can be taken back. Safe for many event loops. */
public final class Submissions {
    private static final Logger log = LoggerFactory.getLogger(Submissions.class);
    private static final Duration CANCEL_TIME = Duration.ofSeconds(2);

    private final Bus bus;
    private final Ticker ticker;
    private final String self;
    private final AtomicLong next = new AtomicLong();

    public Submissions(Bus bus, Ticker ticker, String self) {
        this.bus = bus;
        this.ticker = ticker;
        this.self = self;
    }

    /** This gateway, as the contract wants it named. */
    String gateway() {
        return self;
    }

    String name() {
        return Long.toString(next.incrementAndGet());
    }

    /** The caller hung up. Does not wait: what is done already stays done. */
    void cancel(String model, String submission, CallContext of) {
        CallContext call =
                new CallContext(of.correlationId(), of.traceparent(), Deadline.after(ticker.nanos(), CANCEL_TIME));
        bus.callOwner(BatchContract.CANCEL, model, new Cancel(model, self, submission), call)
                .onFailure(e -> log.debug("{} was not cancelled: {}", submission, e.getMessage()));
    }
}
