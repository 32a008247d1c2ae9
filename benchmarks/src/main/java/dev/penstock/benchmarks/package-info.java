/** The bars of the design, measured by one command on real processes. Start at {@link dev.penstock.benchmarks.Main}. */
@NullMarked
package dev.penstock.benchmarks;

import org.jspecify.annotations.NullMarked;
