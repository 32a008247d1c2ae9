package dev.penstock.gateway.money;

/** An attempt and its end: a row. */
record UsageRecord(UsageIntent intent, UsageOutcome outcome) {
    /** Unique with its day. */
    String id() {
        return outcome.part() == 0 ? intent.id() : intent.id() + '.' + outcome.part();
    }

    /** What an attempt becomes whose process died before it ended. */
    static UsageRecord recovered(UsageIntent intent) {
        return new UsageRecord(
                intent,
                new UsageOutcome(
                        intent.id(),
                        0,
                        intent.instance(),
                        UsageOutcome.End.RECOVERED,
                        1,
                        intent.estimate(),
                        intent.estimatedCost()));
    }
}
