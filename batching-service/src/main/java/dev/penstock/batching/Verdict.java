package dev.penstock.batching;

import dev.penstock.batching.PoolMetrics.Outcome;
import dev.penstock.batching.backend.EmbeddingCodec.Embeddings;
import dev.penstock.batching.backend.EmbeddingCodec.Garbage;
import dev.penstock.batching.policy.Blame;
import dev.penstock.batching.policy.ServiceTime;
import dev.penstock.common.contract.BatchContract.CallEnd;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.upstream.UpstreamClient.Answer;
import dev.penstock.common.upstream.UpstreamErrors;
import dev.penstock.common.upstream.UpstreamFailure;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What one attempt of a merged call means: for its items, for the instance, and for a repetition. */
sealed interface Verdict {
    /** How it counts for the instance. */
    CallEnd end();

    /** As a label. */
    Outcome outcome();

    /** Everybody has an answer. */
    record Answered(Embeddings embeddings) implements Verdict {
        @Override
        public CallEnd end() {
            return CallEnd.SUCCESS;
        }

        @Override
        public Outcome outcome() {
            return Outcome.OK;
        }
    }

    /** The instance works but refuses the input: some item is bad. */
    record Rejected(Fault fault) implements Verdict {
        @Override
        public CallEnd end() {
            return CallEnd.SUCCESS;
        }

        @Override
        public Outcome outcome() {
            return Outcome.REJECTED;
        }
    }

    /**
     * No answer.
     *
     * @param sameAgain whether the same instance may be asked again; not where its configuration is wrong
     */
    record Failed(Fault fault, CallEnd end, boolean sameAgain) implements Verdict {
        @Override
        public Outcome outcome() {
            return switch (end) {
                case THROTTLED -> Outcome.THROTTLED;
                case NEUTRAL -> Outcome.CANCELLED;
                case SUCCESS, FAILURE -> Outcome.FAILED;
            };
        }
    }

    /** Of an HTTP answer. */
    static Verdict of(MergedCall call, Answer answer, String instance) {
        int status = answer.status();
        if (status / 100 == 2) {
            try {
                return new Answered(call.read(answer));
            } catch (Garbage garbage) {
                String reason = "The model's server " + instance + " sent an answer that cannot be used: "
                        + garbage.getMessage() + ".";
                return new Failed(Fault.of(FaultCode.UPSTREAM_ERROR, reason), CallEnd.FAILURE, true);
            }
        }
        Fault fault = UpstreamErrors.fault(status, answer.headers(), answer.body(), Instant.now());
        if (UpstreamErrors.callersFault(status)) {
            return new Rejected(fault);
        }
        boolean misconfigured = status == 401 || status == 403 || status == 404;
        return new Failed(
                fault, UpstreamErrors.throttled(status) ? CallEnd.THROTTLED : CallEnd.FAILURE, !misconfigured);
    }

    /** Of a call that brought no answer. */
    static Verdict of(
            MergedCall call, Throwable cause, long waitedNanos, long limitNanos, @Nullable ServiceTime expected) {
        Fault fault = cause instanceof UpstreamFailure failure ? failure.fault() : Fault.from(cause);
        CallEnd end = switch (fault.code()) {
            case CANCELLED -> CallEnd.NEUTRAL;
            case TIMEOUT ->
                Blame.timeout(waitedNanos, limitNanos, call.size(), expected) ? CallEnd.FAILURE : CallEnd.NEUTRAL;
            default -> CallEnd.FAILURE;
        };
        return new Failed(fault, end, true);
    }

    /** Milliseconds that a fault asks to wait; 0 where it does not say. */
    static long retryAfterMillis(Fault fault) {
        Duration after = fault.retryAfter();
        return after == null ? 0 : after.toMillis();
    }
}
