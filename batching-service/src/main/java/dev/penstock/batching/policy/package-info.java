/** The decisions of batching, pure: time is an argument, nothing is logged, nothing is called. Start at {@link dev.penstock.batching.policy.Batcher}. */
@NullMarked
package dev.penstock.batching.policy;

import org.jspecify.annotations.NullMarked;
