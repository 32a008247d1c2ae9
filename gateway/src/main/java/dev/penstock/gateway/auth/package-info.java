/** Who calls: keys, sessions and what they may do. Start at {@link dev.penstock.gateway.auth.Auth}. */
@NullMarked
package dev.penstock.gateway.auth;

import org.jspecify.annotations.NullMarked;
