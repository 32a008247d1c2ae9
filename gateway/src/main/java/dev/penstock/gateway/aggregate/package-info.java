/** Several requests in one: each goes the gateway's own way, as a stream of its caller's connection. */
@NullMarked
package dev.penstock.gateway.aggregate;

import org.jspecify.annotations.NullMarked;
