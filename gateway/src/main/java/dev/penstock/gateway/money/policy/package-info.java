/** Prices, budgets, periods and guesses as arithmetic: exact, told the time, without input or output. */
@NullMarked
package dev.penstock.gateway.money.policy;

import org.jspecify.annotations.NullMarked;
