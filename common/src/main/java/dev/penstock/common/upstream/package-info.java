/** Calls to model instances over HTTP, shared by the gateway (leased calls) and the batching service (merged calls). */
@NullMarked
package dev.penstock.common.upstream;

import org.jspecify.annotations.NullMarked;
