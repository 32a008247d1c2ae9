/** The one failure type that crosses hops, with its HTTP status and whether it may be retried. Start at {@link dev.penstock.common.fault.Fault}. */
@NullMarked
package dev.penstock.common.fault;

import org.jspecify.annotations.NullMarked;
