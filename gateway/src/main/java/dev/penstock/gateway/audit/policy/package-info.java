/** What makes the audit trail provable and bounded; pure. */
@NullMarked
package dev.penstock.gateway.audit.policy;

import org.jspecify.annotations.NullMarked;
