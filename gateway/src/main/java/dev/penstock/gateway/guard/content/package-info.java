/** Whether an upload is what it says and does no harm. Start at {@link dev.penstock.gateway.guard.content.ContentCheck}. */
@NullMarked
package dev.penstock.gateway.guard.content;

import org.jspecify.annotations.NullMarked;
