/**
 * What keeps harm away: addresses, connections, rules, uploads. Start at {@link dev.penstock.gateway.guard.Guard}; what it
 * decides by is in {@code policy}.
 */
@NullMarked
package dev.penstock.gateway.guard;

import org.jspecify.annotations.NullMarked;
