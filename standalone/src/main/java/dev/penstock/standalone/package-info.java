/** The command line and the process: reads settings, starts what they ask for in order, and stops it in order. Start at {@link dev.penstock.standalone.Main} and {@link dev.penstock.standalone.App}. */
@NullMarked
package dev.penstock.standalone;

import org.jspecify.annotations.NullMarked;
