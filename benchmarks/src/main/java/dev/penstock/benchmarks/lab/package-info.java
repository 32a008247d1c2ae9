/** The processes that are measured and measured against, and where they run. Start at {@link dev.penstock.benchmarks.lab.Lab}. */
@NullMarked
package dev.penstock.benchmarks.lab;

import org.jspecify.annotations.NullMarked;
