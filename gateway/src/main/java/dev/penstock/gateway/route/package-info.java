/** Any HTTP service behind a path prefix. Start at {@link dev.penstock.gateway.route.Routes}. */
@NullMarked
package dev.penstock.gateway.route;

import org.jspecify.annotations.NullMarked;
