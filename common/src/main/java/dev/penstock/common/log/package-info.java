/** One line per event, as JSON or for people, masked and never in the way of a request. Start at {@link dev.penstock.common.log.LogSetup}. */
@NullMarked
package dev.penstock.common.log;

import org.jspecify.annotations.NullMarked;
