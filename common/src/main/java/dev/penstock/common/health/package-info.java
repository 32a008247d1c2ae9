/** What a process says about itself, and the management port that says it. Start at {@link dev.penstock.common.health.Health}. */
@NullMarked
package dev.penstock.common.health;

import org.jspecify.annotations.NullMarked;
