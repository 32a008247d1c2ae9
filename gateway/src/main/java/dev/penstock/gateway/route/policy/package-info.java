/** What a plain route decides without a network: paths, headers, repetition. Start at {@link dev.penstock.gateway.route.policy.RouteTable}. */
@NullMarked
package dev.penstock.gateway.route.policy;

import org.jspecify.annotations.NullMarked;
