/** Named, ordered, bounded start and shutdown. Start at {@link dev.penstock.common.lifecycle.Cleanups}. */
@NullMarked
package dev.penstock.common.lifecycle;

import org.jspecify.annotations.NullMarked;
