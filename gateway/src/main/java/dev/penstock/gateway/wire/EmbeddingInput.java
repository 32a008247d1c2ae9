package dev.penstock.gateway.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** One thing to embed. */
public sealed interface EmbeddingInput {
    /** The bytes that the cache key is made of; different inputs have different bytes. */
    byte[] identity();

    /** The input as one JSON value, as the backend reads it. */
    byte[] json();

    /** Tokens, estimated for text; at least 1. */
    int weight();

    record Text(String text) implements EmbeddingInput {
        /** Bytes of English text per token, roughly; good enough to fill a batch by. */
        private static final int BYTES_PER_TOKEN = 4;

        @Override
        public byte[] identity() {
            return text.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public byte[] json() {
            return Json.bytes(text);
        }

        @Override
        public int weight() {
            return Math.max(1, text.length() / BYTES_PER_TOKEN);
        }
    }

    /** Token numbers, at least one. */
    final class Tokens implements EmbeddingInput {
        private final int[] tokens;

        /** Takes over {@code tokens}. */
        Tokens(int[] tokens) {
            this.tokens = tokens;
        }

        @Override
        public byte[] identity() {
            // 0xff never occurs in UTF-8, so no text has the bytes of a token list.
            ByteBuffer bytes = ByteBuffer.allocate(1 + 4 * tokens.length).put((byte) 0xff);
            for (int token : tokens) {
                bytes.putInt(token);
            }
            return bytes.array();
        }

        @Override
        public byte[] json() {
            return Json.bytes(tokens);
        }

        @Override
        public int weight() {
            return Math.max(1, tokens.length);
        }
    }
}
