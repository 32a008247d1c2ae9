/** Turns conditions into alerts, keeps them, and tells people. Start at {@link dev.penstock.alert.AlertService}. */
@NullMarked
package dev.penstock.alert;

import org.jspecify.annotations.NullMarked;
