package dev.penstock.gateway.money;

import dev.penstock.common.contract.BatchContract.Done;
import dev.penstock.common.contract.BatchContract.ItemResult;
import dev.penstock.common.contract.BatchContract.Refused;
import dev.penstock.common.contract.Usage;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.money.UsageOutcome.End;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One attempt that was begun at the ledger. The first call of a method ends it, further ones do nothing: every path may
 * end it without asking whether another did. Confined to the request's event loop.
 */
public final class Attempt {
    private final UsageLedger ledger;
    private final Exchange exchange;
    private final UsageIntent intent;
    private boolean over;

    Attempt(UsageLedger ledger, Exchange exchange, UsageIntent intent) {
        this.ledger = ledger;
        this.exchange = exchange;
        this.intent = intent;
    }

    /** The backend answered and counted. */
    public void answered(Usage usage) {
        end(End.ANSWERED, 1, usage);
    }

    /** It refused, or could not be reached at all: nothing was used. */
    public void refused() {
        end(End.REFUSED, 1, Usage.NONE);
    }

    /** It was asked, and nobody knows what it did: the estimate stands. */
    public void lost() {
        end(End.LOST, 1, intent.estimate());
    }

    /**
     * The answer ended early.
     *
     * @param usage what the backend counted; where it did not, the prompt is estimated and {@code written} stands for the
     *     answer
     */
    public void brokenOff(Usage usage, long written) {
        end(End.BROKEN_OFF, 1, counted(usage, written));
    }

    /** The whole answer came; where the backend did not count, its pieces did. */
    public void streamed(Usage usage, long written) {
        end(End.ANSWERED, 1, counted(usage, written));
    }

    /**
     * The items of a submission are answered: one record for each instance that carried some of them.
     *
     * @param weights of the items, in order: what a lost one is taken to have used
     */
    public void merged(List<ItemResult> results, int[] weights) {
        if (over) {
            return;
        }
        over = true;
        Map<String, Carried> carried = new LinkedHashMap<>();
        for (int i = 0; i < results.size(); i++) {
            switch (results.get(i)) {
                case Done done ->
                    carried.computeIfAbsent(done.instance(), name -> new Carried())
                            .add(done.tokens(), done.attempts(), End.ANSWERED);
                case Refused refused -> {
                    boolean lost = unknown(refused.code());
                    carried.computeIfAbsent("", name -> new Carried())
                            .add(lost ? weights[i] : 0, 1, lost ? End.LOST : End.REFUSED);
                }
            }
        }
        ledger.ended(
                exchange,
                intent,
                carried.entrySet().stream()
                        .map(each -> each.getValue().outcome(intent, each.getKey()))
                        .toList());
    }

    /** The submission as a whole failed. */
    public void failed(FaultCode code) {
        if (unknown(code)) {
            lost();
        } else {
            end(End.REFUSED, 0, Usage.NONE);
        }
    }

    private void end(End how, int calls, Usage usage) {
        if (!over) {
            over = true;
            long cost = ledger.cost(intent.model(), intent.instance(), usage, how);
            ledger.ended(
                    exchange,
                    intent,
                    List.of(new UsageOutcome(intent.id(), 0, intent.instance(), how, calls, usage, cost)));
        }
    }

    private Usage counted(Usage usage, long written) {
        return usage.total() > 0 ? usage : Usage.of(intent.estimate().read(), written, true);
    }

    /** Whether a backend may have done the work although we have no answer. */
    private static boolean unknown(FaultCode code) {
        return code == FaultCode.TIMEOUT || code == FaultCode.MEMBER_LOST || code == FaultCode.CANCELLED;
    }

    /** What one instance did for a submission. */
    private final class Carried {
        private long tokens;
        private int calls;
        private End end = End.REFUSED;

        void add(long more, int attempts, End how) {
            tokens += more;
            calls = Math.max(calls, attempts);
            end = how == End.REFUSED ? end : how;
        }

        UsageOutcome outcome(UsageIntent of, String instance) {
            Usage usage = Usage.of(tokens, 0, end == End.LOST);
            return new UsageOutcome(
                    of.id(), 0, instance, end, calls, usage, ledger.cost(of.model(), instance, usage, end));
        }
    }
}
