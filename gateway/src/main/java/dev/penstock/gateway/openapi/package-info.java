/** The API described as OpenAPI 3.1, made from the tables that the server itself is made from. Start at {@link dev.penstock.gateway.openapi.OpenApi}. */
@NullMarked
package dev.penstock.gateway.openapi;

import org.jspecify.annotations.NullMarked;
