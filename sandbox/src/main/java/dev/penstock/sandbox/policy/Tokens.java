package dev.penstock.sandbox.policy;

/**
 * The sandbox's token: four UTF-16 characters, the last one of a text possibly fewer, one more where a cut
 * would split a surrogate pair. Near enough to real tokenizers for English, and anyone can check it by eye.
 */
public final class Tokens {
    /** Characters in a token. */
    public static final int CHARS = 4;

    private Tokens() {}

    /** Number of tokens in the text. */
    public static int count(CharSequence text) {
        int tokens = 0;
        for (int at = 0; at < text.length(); at = next(text, at)) {
            tokens++;
        }
        return tokens;
    }

    /** Where the token that begins at the given index ends. */
    public static int next(CharSequence text, int from) {
        int end = Math.min(from + CHARS, text.length());
        boolean splitsPair = end < text.length()
                && Character.isHighSurrogate(text.charAt(end - 1))
                && Character.isLowSurrogate(text.charAt(end));
        return splitsPair ? end + 1 : end;
    }

    /** The first tokens of the text, at most so many. */
    public static String first(String text, int tokens) {
        int at = 0;
        for (int taken = 0; taken < tokens && at < text.length(); taken++) {
            at = next(text, at);
        }
        return text.substring(0, at);
    }
}
