/** OpenAI's wire formats as bytes: requests read once, answers and events written. Start at {@link dev.penstock.gateway.wire.EmbeddingsRequest} and {@link dev.penstock.gateway.wire.ModelRequest}. */
@NullMarked
package dev.penstock.gateway.wire;

import org.jspecify.annotations.NullMarked;
