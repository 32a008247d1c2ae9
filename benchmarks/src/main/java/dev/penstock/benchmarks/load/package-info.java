/** Requests in numbers: closed and open loops over plain sockets. Start at {@link dev.penstock.benchmarks.load.ClosedLoop}. */
@NullMarked
package dev.penstock.benchmarks.load;

import org.jspecify.annotations.NullMarked;
