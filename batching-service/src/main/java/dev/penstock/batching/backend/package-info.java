/** The wire form of merged calls. Start at {@link dev.penstock.batching.backend.EmbeddingCodec}. */
@NullMarked
package dev.penstock.batching.backend;

import org.jspecify.annotations.NullMarked;
