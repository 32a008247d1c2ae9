package dev.penstock.sandbox.policy;

/**
 * What the sandbox says: that it is the sandbox, and enough of the prompt that a caller can tell whose answer
 * it got. The same prompt always gives the same text.
 */
public final class ChatText {
    private static final int ECHO_CHARS = 400;
    private static final String PADDING = " sandbox";

    private ChatText() {}

    /**
     * The answer to the last message of a user.
     *
     * @param last that message
     * @param messages number of messages in the prompt
     * @param json answer with a JSON object instead of a sentence
     */
    public static String answer(String last, int messages, boolean json) {
        String echo = last.length() > ECHO_CHARS ? last.substring(0, ECHO_CHARS) + "…" : last;
        if (json) {
            return "{\"sandbox\":true,\"messages\":" + messages + ",\"words\":" + words(last) + ",\"echo\":\""
                    + escaped(echo) + "\"}";
        }
        return "This is the Penstock sandbox, not a real model. Message " + messages + " has " + words(last)
                + " words: " + echo;
    }

    /** The text at exactly so many tokens: cut, or filled up with a word that nobody takes for an answer. */
    public static String ofTokens(String text, int tokens) {
        if (Tokens.count(text) >= tokens) {
            return Tokens.first(text, tokens);
        }
        StringBuilder longer = new StringBuilder(text);
        int wanted = text.length() + (tokens + 1) * Tokens.CHARS;
        while (longer.length() < wanted) {
            longer.append(PADDING);
        }
        return Tokens.first(longer.toString(), tokens);
    }

    static int words(String text) {
        int words = 0;
        boolean inside = false;
        for (int i = 0; i < text.length(); i++) {
            boolean blank = Character.isWhitespace(text.charAt(i));
            if (!blank && !inside) {
                words++;
            }
            inside = !blank;
        }
        return words;
    }

    private static String escaped(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else {
                out.append(c < 0x20 ? ' ' : c);
            }
        }
        return out.toString();
    }
}
