/** Who takes the next call, and who is left out: pure rules, time and chance as arguments. Start at {@link dev.penstock.common.pool.policy.Roster}. */
@NullMarked
package dev.penstock.common.pool.policy;

import org.jspecify.annotations.NullMarked;
