/** What calls cost, who pays, and what may still be spent. Start at {@link dev.penstock.gateway.money.UsageLedger}. */
@NullMarked
package dev.penstock.gateway.money;

import org.jspecify.annotations.NullMarked;
