/** Internet addresses as limits, blocks and lists see them. Pure. Start at {@link dev.penstock.common.net.Addresses}. */
@NullMarked
package dev.penstock.common.net;

import org.jspecify.annotations.NullMarked;
