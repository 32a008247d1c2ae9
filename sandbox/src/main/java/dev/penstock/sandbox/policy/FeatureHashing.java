package dev.penstock.sandbox.policy;

import java.util.Locale;

/**
 * Embeddings without a model: the "hashing trick" (Weinberger et al., 2009). Words, pairs of neighbouring
 * words and character trigrams are features; each is hashed to one dimension and a sign, counted, and the
 * vector is scaled to length 1. Texts that share words get a high cosine, unrelated ones about 0; equal
 * texts always get equal vectors. Cost: linear in the text.
 */
public final class FeatureHashing {
    /** Dimensions where a request names none. */
    public static final int DEFAULT_DIMENSIONS = 256;

    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;
    private static final float WORD = 1f;
    private static final float PAIR = 0.5f;
    private static final float TRIGRAM = 0.25f;

    private FeatureHashing() {}

    /** The unit vector of a text; of an empty one the first axis. */
    public static float[] ofText(String text, int dimensions) {
        String lower = text.toLowerCase(Locale.ROOT);
        float[] vector = new float[dimensions];
        long word = FNV_OFFSET;
        long previous = 0;
        int length = 0;
        for (int i = 0; i <= lower.length(); i++) {
            char c = i < lower.length() ? lower.charAt(i) : ' ';
            if (Character.isLetterOrDigit(c)) {
                word = (word ^ c) * FNV_PRIME;
                length++;
                if (length >= 3) {
                    add(vector, trigram(lower, i), TRIGRAM);
                }
            } else if (length > 0) {
                add(vector, word, WORD);
                if (previous != 0) {
                    add(vector, previous * 31 + word, PAIR);
                }
                previous = word;
                word = FNV_OFFSET;
                length = 0;
            }
        }
        return normalised(vector);
    }

    /** The unit vector of a text that came as token numbers. */
    public static float[] ofTokens(int[] tokens, int dimensions) {
        float[] vector = new float[dimensions];
        long previous = 0;
        for (int token : tokens) {
            long hash = (FNV_OFFSET ^ (token + 1L)) * FNV_PRIME;
            add(vector, hash, WORD);
            if (previous != 0) {
                add(vector, previous * 31 + hash, PAIR);
            }
            previous = hash;
        }
        return normalised(vector);
    }

    private static long trigram(String text, int last) {
        long hash = FNV_OFFSET + 1;
        for (int i = last - 2; i <= last; i++) {
            hash = (hash ^ text.charAt(i)) * FNV_PRIME;
        }
        return hash;
    }

    /** Fibonacci mixing first, since FNV's low bits alone are poor for short words. */
    private static void add(float[] vector, long hash, float weight) {
        long mixed = hash * 0x9e3779b97f4a7c15L;
        mixed ^= mixed >>> 32;
        int index = (int) Long.remainderUnsigned(mixed, vector.length);
        vector[index] += mixed < 0 ? -weight : weight;
    }

    private static float[] normalised(float[] vector) {
        double sum = 0;
        for (float x : vector) {
            sum += (double) x * x;
        }
        if (sum == 0) {
            vector[0] = 1;
            return vector;
        }
        double scale = 1 / Math.sqrt(sum);
        for (int i = 0; i < vector.length; i++) {
            vector[i] = (float) (vector[i] * scale);
        }
        return vector;
    }
}
