/** Slots of time as arithmetic. Start at {@link dev.penstock.common.telemetry.policy.SlotClock}. */
@NullMarked
package dev.penstock.common.telemetry.policy;

import org.jspecify.annotations.NullMarked;
