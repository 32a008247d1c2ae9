/** Keeps what every process measured and judges it. Start at {@link dev.penstock.monitor.MonitorService}. */
@NullMarked
package dev.penstock.monitor;

import org.jspecify.annotations.NullMarked;
