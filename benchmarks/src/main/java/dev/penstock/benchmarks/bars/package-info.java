/** One class per bar that is measured. Start at {@link dev.penstock.benchmarks.bars.Bar}. */
@NullMarked
package dev.penstock.benchmarks.bars;

import org.jspecify.annotations.NullMarked;
