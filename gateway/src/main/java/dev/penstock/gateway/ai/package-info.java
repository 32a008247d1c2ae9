/** How work reaches models: merged through lanes, or called directly under a lease, whole or streamed. Start at {@link dev.penstock.gateway.ai.EmbeddingFlow} and {@link dev.penstock.gateway.ai.ModelFlow}. */
@NullMarked
package dev.penstock.gateway.ai;

import org.jspecify.annotations.NullMarked;
