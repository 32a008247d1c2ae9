/** The only way to the event bus: typed endpoints and topics with derived codecs. Start at {@link dev.penstock.common.bus.Bus}. */
@NullMarked
package dev.penstock.common.bus;

import org.jspecify.annotations.NullMarked;
