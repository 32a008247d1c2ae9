/** Decisions about credentials, without I/O, clock or randomness. Start at {@link dev.penstock.gateway.auth.policy.Standing}. */
@NullMarked
package dev.penstock.gateway.auth.policy;

import org.jspecify.annotations.NullMarked;
