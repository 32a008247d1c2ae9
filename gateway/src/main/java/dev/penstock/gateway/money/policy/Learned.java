package dev.penstock.gateway.money.policy;

/**
 * What calls of one model have shown: how many bytes of a prompt make a token, and how much it usually writes. A few
 * hundred bytes however many calls there were; older ones count less and less. Not thread-safe.
 *
 * <p>Bytes per token are an exponentially weighted mean (weight 1/16) in 1/1024 of a byte, which starts at 4 bytes, as of
 * English text. Answers are counted in buckets a quarter of an octave wide, halved every thousand calls; the guess is the
 * upper end of the bucket that holds the 90th percentile, so it is at most 19 % too high for the calls that were seen.
 */
public final class Learned {
    /** What an answer is taken for while nothing was seen. */
    public static final long UNSEEN_ANSWER = 1024;

    private static final long SCALE = 1024;
    private static final long LEAST_RATIO = SCALE / 2;
    private static final long MOST_RATIO = 64 * SCALE;
    private static final int WEIGHT_SHIFT = 4;
    private static final int BUCKETS = 96;
    private static final int HALVE_AT = 1000;
    private static final int LEAST_SEEN = 10;

    private final int[] answers = new int[BUCKETS];
    private int seen;
    private long ratio = 4 * SCALE;

    /** A call whose tokens the backend counted. */
    public void saw(long promptBytes, long tokensRead, long tokensWritten) {
        if (tokensRead > 0 && promptBytes > 0) {
            long now = Math.clamp(promptBytes * SCALE / tokensRead, LEAST_RATIO, MOST_RATIO);
            ratio += (now - ratio) >> WEIGHT_SHIFT;
        }
        if (tokensWritten > 0) {
            answers[bucket(tokensWritten)]++;
            if (++seen >= HALVE_AT) {
                halve();
            }
        }
    }

    /** Tokens of a prompt, rounded up; at least 1 where there is a byte. */
    public long tokensOf(long promptBytes) {
        return promptBytes <= 0 ? 0 : (promptBytes * SCALE + ratio - 1) / ratio;
    }

    /** Tokens that nine of ten answers do not exceed. */
    public long usualAnswer() {
        if (seen < LEAST_SEEN) {
            return UNSEEN_ANSWER;
        }
        long wanted = (seen * 9L + 9) / 10;
        long sum = 0;
        for (int i = 0; i < BUCKETS; i++) {
            sum += answers[i];
            if (sum >= wanted) {
                return upperEnd(i);
            }
        }
        return upperEnd(BUCKETS - 1);
    }

    private void halve() {
        seen = 0;
        for (int i = 0; i < BUCKETS; i++) {
            answers[i] >>= 1;
            seen += answers[i];
        }
    }

    private static int bucket(long tokens) {
        for (int i = 0; i < BUCKETS; i++) {
            if (tokens <= upperEnd(i)) {
                return i;
            }
        }
        return BUCKETS - 1;
    }

    /** 1, 2, 3, 4, then four steps an octave: 5, 6, 7, 8, 10, 12, 14, 16 … */
    private static long upperEnd(int bucket) {
        if (bucket < 4) {
            return bucket + 1L;
        }
        int octave = bucket / 4;
        long base = 4L << (octave - 1);
        return base + (base >> 2) * (bucket % 4 + 1);
    }
}
