/** Decisions without I/O: request windows, what may be repeated, which answer may be kept. Start at {@link dev.penstock.gateway.policy.RollingWindow}. */
@NullMarked
package dev.penstock.gateway.policy;

import org.jspecify.annotations.NullMarked;
