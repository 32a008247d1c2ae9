/** What is known of one person, and making it go away. Start at {@link dev.penstock.gateway.privacy.Privacy}. */
@NullMarked
package dev.penstock.gateway.privacy;

import org.jspecify.annotations.NullMarked;
