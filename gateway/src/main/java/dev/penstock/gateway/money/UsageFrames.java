package dev.penstock.gateway.money;

import dev.penstock.common.contract.Usage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Intents and outcomes as bytes of the spool: length, checksum, kind, fields. A frame is there once its length is, which is
 * written last; a length of 0 means that nothing follows. Stateless but for {@link Read}.
 */
final class UsageFrames {
    /** The most that one frame takes; every text in it is bounded. */
    static final int LARGEST = 16 * 1024;

    static final int HEAD = 8;

    private static final byte INTENT = 1;
    private static final byte OUTCOME = 2;
    private static final int LONGEST_TEXT = 256;

    private UsageFrames() {}

    /** One of the two is there. */
    record Read(@Nullable UsageIntent intent, @Nullable UsageOutcome outcome) {}

    /** Writes at the buffer's position and moves it behind the frame. */
    static void write(ByteBuffer to, UsageIntent intent) {
        int start = begin(to, INTENT);
        text(to, intent.id());
        to.putLong(intent.atMillis());
        text(to, intent.requestId());
        to.putInt(intent.attempt());
        text(to, intent.keyId());
        text(to, intent.user());
        text(to, intent.team());
        to.putInt(intent.tags().size());
        intent.tags().forEach(tag -> text(to, tag));
        text(to, intent.route());
        text(to, intent.operation());
        text(to, intent.model());
        text(to, intent.instance());
        usage(to, intent.estimate());
        to.putLong(intent.estimatedCost());
        end(to, start);
    }

    /** Writes at the buffer's position and moves it behind the frame. */
    static void write(ByteBuffer to, UsageOutcome outcome) {
        int start = begin(to, OUTCOME);
        text(to, outcome.id());
        to.putInt(outcome.part());
        text(to, outcome.instance());
        to.put(outcome.end().code());
        to.putInt(outcome.calls());
        usage(to, outcome.usage());
        to.putLong(outcome.cost());
        end(to, start);
    }

    /** The next frame, or null where none is whole: the position then stays. */
    static @Nullable Read read(ByteBuffer from) {
        if (from.remaining() < HEAD) {
            return null;
        }
        int start = from.position();
        int length = from.getInt(start);
        if (length <= 0
                || length > from.remaining() - HEAD
                || checksum(from, start, length) != from.getInt(start + 4)) {
            return null;
        }
        from.position(start + HEAD);
        Read read = from.get() == INTENT ? new Read(intent(from), null) : new Read(null, outcome(from));
        from.position(start + HEAD + length);
        return read;
    }

    private static int begin(ByteBuffer to, byte kind) {
        int start = to.position();
        to.position(start + HEAD).put(kind);
        return start;
    }

    private static void end(ByteBuffer to, int start) {
        int length = to.position() - start - HEAD;
        to.putInt(start + 4, checksum(to, start, length));
        to.putInt(start, length);
    }

    private static int checksum(ByteBuffer bytes, int start, int length) {
        CRC32C sum = new CRC32C();
        sum.update(bytes.slice(start + HEAD, length));
        return (int) sum.getValue();
    }

    private static UsageIntent intent(ByteBuffer from) {
        String id = text(from);
        long at = from.getLong();
        String request = text(from);
        int attempt = from.getInt();
        String key = text(from);
        String user = text(from);
        String team = text(from);
        int count = from.getInt();
        List<String> tags = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            tags.add(text(from));
        }
        return new UsageIntent(
                id,
                at,
                request,
                attempt,
                key,
                user,
                team,
                tags,
                text(from),
                text(from),
                text(from),
                text(from),
                usage(from),
                from.getLong());
    }

    private static UsageOutcome outcome(ByteBuffer from) {
        return new UsageOutcome(
                text(from),
                from.getInt(),
                text(from),
                UsageOutcome.End.of(from.get()),
                from.getInt(),
                usage(from),
                from.getLong());
    }

    private static void usage(ByteBuffer to, Usage usage) {
        to.putLong(usage.inputTokens()).putLong(usage.cachedTokens()).putLong(usage.cacheWriteTokens());
        to.putLong(usage.outputTokens()).putLong(usage.reasoningTokens()).put((byte) (usage.estimated() ? 1 : 0));
    }

    private static Usage usage(ByteBuffer from) {
        return new Usage(
                from.getLong(), from.getLong(), from.getLong(), from.getLong(), from.getLong(), from.get() == 1);
    }

    /** Bounded, and without what Postgres does not take. */
    private static void text(ByteBuffer to, String text) {
        String kept = text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) : text;
        byte[] bytes = (kept.indexOf('\0') < 0 ? kept : kept.replace('\0', '?')).getBytes(StandardCharsets.UTF_8);
        to.putShort((short) bytes.length).put(bytes);
    }

    private static String text(ByteBuffer from) {
        byte[] bytes = new byte[from.getShort()];
        from.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
