package dev.penstock.gateway.route.policy;

/**
 * Follows the frames of one direction of a WebSocket (RFC 6455 §5.2) without looking into them, so that a frame of ours
 * can be put between two of theirs, never inside one. Not safe for many threads.
 */
public final class FrameCursor {
    private static final int MASK_BIT = 0x80;
    private static final int MASK_BYTES = 4;

    /** Bytes of the head that are still to come; -1 before the second byte is known. */
    private int head = -1;

    private int seen;
    private int lengthBytes;
    private long length;
    private long payload;

    /** Takes note of bytes that pass. */
    public void pass(byte[] bytes) {
        int i = 0;
        while (i < bytes.length) {
            if (payload > 0) {
                long skipped = Math.min(payload, bytes.length - i);
                payload -= skipped;
                i += (int) skipped;
            } else {
                head(bytes[i] & 0xff);
                i++;
            }
        }
    }

    /** Whether the last frame is complete, so that another may begin here. */
    public boolean between() {
        return seen == 0 && payload == 0;
    }

    private void head(int octet) {
        seen++;
        if (seen == 1) {
            return;
        }
        if (seen == 2) {
            int shortLength = octet & 0x7f;
            lengthBytes = shortLength == 126 ? 2 : shortLength == 127 ? 8 : 0;
            length = lengthBytes == 0 ? shortLength : 0;
            head = lengthBytes + ((octet & MASK_BIT) != 0 ? MASK_BYTES : 0);
        } else {
            if (seen - 2 <= lengthBytes) {
                length = length << 8 | octet;
            }
            head--;
        }
        if (head == 0) {
            payload = Math.max(0, length);
            seen = 0;
            head = -1;
        }
    }
}
