/** What every answer of the gateway has, whoever makes it. Start at {@link dev.penstock.gateway.http.Edge}. */
@NullMarked
package dev.penstock.gateway.http;

import org.jspecify.annotations.NullMarked;
