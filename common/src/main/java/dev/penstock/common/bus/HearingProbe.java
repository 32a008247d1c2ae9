package dev.penstock.common.bus;

import dev.penstock.common.time.Ticker;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whether the others can still reach this member's consumers. A member that was cut off or frozen for a while
 * may be back in the cluster although its registrations are lost; it can call but is deaf. So each second it asks a peer,
 * each time another, to call it back.
 *
 * <p>Only a peer that answers "you did not hear me" counts: one that does not answer at all may itself be in trouble.
 */
public final class HearingProbe {
    private static final Logger log = LoggerFactory.getLogger(HearingProbe.class);
    private static final String ASK = "cluster.call-me.v1/";
    private static final String HEAR = "cluster.hear.v1/";
    private static final long EVERY_MILLIS = 1_000;
    /** The peer's call back must be over before the question is. */
    private static final long CALL_BACK_MILLIS = 500;

    private static final long QUESTION_MILLIS = 900;

    private final Vertx vertx;
    private final EventBus events;
    private final String self;
    private final Supplier<List<String>> peers;
    private final Ticker ticker;
    private final Runnable whenDeaf;
    private final Deafness deafness = new Deafness();
    private int turn;

    private HearingProbe(Vertx vertx, String self, Supplier<List<String>> peers, Ticker ticker, Runnable whenDeaf) {
        this.vertx = vertx;
        this.events = vertx.eventBus();
        this.self = self;
        this.peers = peers;
        this.ticker = ticker;
        this.whenDeaf = whenDeaf;
    }

    /**
     * Starts to serve the peers' questions and to ask.
     *
     * @param whenDeaf called once, on an event loop, when this member has been deaf for 3 s
     */
    public static Future<Void> start(
            Vertx vertx, String self, Supplier<List<String>> peers, Ticker ticker, Runnable whenDeaf) {
        HearingProbe probe = new HearingProbe(vertx, self, peers, ticker, whenDeaf);
        var heard = probe.events.<String>consumer(HEAR + self, message -> message.reply(""));
        var asked = probe.events.<String>consumer(
                ASK + self,
                message -> probe.events
                        .request(HEAR + message.body(), "", within(CALL_BACK_MILLIS))
                        .onComplete(answer -> message.reply(answer.succeeded())));
        return Future.all(heard.completion(), asked.completion())
                .onSuccess(ignored -> probe.schedule())
                .mapEmpty();
    }

    private void schedule() {
        vertx.setTimer(EVERY_MILLIS, ignored -> ask());
    }

    private void ask() {
        List<String> others = peers.get();
        if (others.isEmpty()) {
            deafness.heard();
            schedule();
            return;
        }
        String peer = others.get(Math.floorMod(turn++, others.size()));
        events.<Boolean>request(ASK + peer, self, within(QUESTION_MILLIS)).onComplete(answer -> {
            if (answer.failed()) {
                schedule();
            } else if (answer.result().body()) {
                deafness.heard();
                schedule();
            } else if (deafness.unheard(ticker.nanos())) {
                log.error("no peer can reach this member any more");
                whenDeaf.run();
            } else {
                log.warn("member {} cannot reach this one", peer);
                schedule();
            }
        });
    }

    private static DeliveryOptions within(long millis) {
        return new DeliveryOptions().setSendTimeout(millis);
    }
}
