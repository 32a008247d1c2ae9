/** Who is alive and which member owns a piece of work. Start at {@link dev.penstock.common.cluster.Membership}. */
@NullMarked
package dev.penstock.common.cluster;

import org.jspecify.annotations.NullMarked;
