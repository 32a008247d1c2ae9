/** The pieces of the hot path, one by one, with what they allocate. Run by {@code ./benchmarks/run jmh}. */
@NullMarked
package dev.penstock.benchmarks.jmh;

import org.jspecify.annotations.NullMarked;
