/** Counters, sketches and logs: recorded once per event, sent to the monitor and to Prometheus. Start at {@link dev.penstock.common.telemetry.Telemetry}. */
@NullMarked
package dev.penstock.common.telemetry;

import org.jspecify.annotations.NullMarked;
