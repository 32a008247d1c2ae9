/** Instances of plain HTTP services: found, checked, chosen, left out. Start at {@link dev.penstock.common.pool.Pools} and {@link dev.penstock.common.pool.Pool}. */
@NullMarked
package dev.penstock.common.pool;

import org.jspecify.annotations.NullMarked;
