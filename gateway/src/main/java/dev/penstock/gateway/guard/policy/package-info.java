/** The decisions of protection, without a clock or a socket. Start at {@link dev.penstock.gateway.guard.policy.RuleSet}. */
@NullMarked
package dev.penstock.gateway.guard.policy;

import org.jspecify.annotations.NullMarked;
