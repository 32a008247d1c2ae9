/** Values with a unit or a rule of their own: sizes, secrets, immutable bytes. Pure Java. */
@NullMarked
package dev.penstock.common.unit;

import org.jspecify.annotations.NullMarked;
