/** When keys are trusted and read again, and what claims mean here; pure. */
@NullMarked
package dev.penstock.gateway.oidc.policy;

import org.jspecify.annotations.NullMarked;
