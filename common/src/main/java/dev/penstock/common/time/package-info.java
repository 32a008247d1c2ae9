/** Time as an argument: the ticker, and the budget of time that a call has left. Pure Java. */
@NullMarked
package dev.penstock.common.time;

import org.jspecify.annotations.NullMarked;
