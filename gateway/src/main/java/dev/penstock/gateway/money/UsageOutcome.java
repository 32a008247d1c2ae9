package dev.penstock.gateway.money;

import dev.penstock.common.contract.Usage;

/**
 * How an attempt ended.
 *
 * @param part 0, or the number of a further part where a merged submission was carried by several instances
 * @param instance who was asked; empty where nobody was
 * @param calls calls to a backend that this stands for
 * @param cost nano-dollars or {@code Price.UNPRICED}
 */
record UsageOutcome(String id, int part, String instance, End end, int calls, Usage usage, long cost) {
    enum End {
        /** The backend answered. */
        ANSWERED(1),
        /** The backend refused or could not be reached: nothing was used. */
        REFUSED(2),
        /** We do not know what the backend did: the estimate stands. */
        LOST(3),
        /** The caller went away, or the answer broke off: what had come is counted. */
        BROKEN_OFF(4),
        /** This process died meanwhile: the estimate stands. */
        RECOVERED(5);

        private final byte code;

        End(int code) {
            this.code = (byte) code;
        }

        /** As in the spool. */
        byte code() {
            return code;
        }

        static End of(byte code) {
            for (End each : values()) {
                if (each.code == code) {
                    return each;
                }
            }
            throw new IllegalArgumentException("no end of an attempt: " + code);
        }
    }
}
