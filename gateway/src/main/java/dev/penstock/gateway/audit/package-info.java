/** What was done by whom, kept for good. Start at {@link dev.penstock.gateway.audit.Audit}. */
@NullMarked
package dev.penstock.gateway.audit;

import org.jspecify.annotations.NullMarked;
