/** When an alert fires, stays and ends: pure decisions over time given as an argument. Start at {@link dev.penstock.alert.policy.AlertMachine}. */
@NullMarked
package dev.penstock.alert.policy;

import org.jspecify.annotations.NullMarked;
