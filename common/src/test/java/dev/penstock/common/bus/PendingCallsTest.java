package dev.penstock.common.bus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.contract.Ack;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PendingCallsTest {
    private final Set<String> present = ConcurrentHashMap.newKeySet();
    private final PendingCalls pending = new PendingCalls(present::contains);

    @Test
    void callsInFlightFailWhenTheirMemberLeaves() {
        present.addAll(Set.of("gone", "alive"));
        Future<Ack> lost = pending.track("gone", Promise.<Ack>promise().future());
        Future<Ack> kept = pending.track("alive", Promise.<Ack>promise().future());

        pending.failAll("gone");

        assertLost(lost);
        assertThat(kept.isComplete()).isFalse();
    }

    @Test
    void aCallToAMemberThatHasLeftFailsAtOnceAndLeavesNothingBehind() {
        Future<Ack> late = pending.track("gone", Promise.<Ack>promise().future());

        assertLost(late);
        assertThat(pending.members()).isZero();
    }

    @Test
    void whoCallsOnAContextHearsOfTheLossThere() throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            present.add("gone");
            Context context = vertx.getOrCreateContext();
            var noted = new CompletableFuture<Void>();
            var heardOn = new CompletableFuture<Context>();
            context.runOnContext(nothing -> {
                pending.track("gone", Promise.<Ack>promise().future())
                        .onComplete(result -> heardOn.complete(Vertx.currentContext()));
                noted.complete(null);
            });
            noted.get(5, TimeUnit.SECONDS);

            pending.failAll("gone");

            assertThat(heardOn.get(5, TimeUnit.SECONDS)).isSameAs(context);
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
        }
    }

    private static void assertLost(Future<Ack> call) {
        assertThat(call.cause())
                .isInstanceOfSatisfying(Fault.class, f -> assertThat(f.code()).isEqualTo(FaultCode.MEMBER_LOST));
    }
}
