/** Merging of slots, figures over windows, burn rates, health: pure arithmetic. Start at {@link dev.penstock.monitor.policy.SlotWindow}. */
@NullMarked
package dev.penstock.monitor.policy;

import org.jspecify.annotations.NullMarked;
