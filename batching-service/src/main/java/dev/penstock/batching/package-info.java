/** Merges items of many callers into full calls and grants slots for the rest. Start at {@link dev.penstock.batching.BatchingService}. */
@NullMarked
package dev.penstock.batching;

import org.jspecify.annotations.NullMarked;
