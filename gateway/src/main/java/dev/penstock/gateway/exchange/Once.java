package dev.penstock.gateway.exchange;

import dev.penstock.common.unit.Bytes;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What is to be answered once under an {@code Idempotency-Key}. It is kept with the fingerprint of the request's body
 * before it. Confined to the exchange.
 */
public final class Once {
    /** Bytes of a fingerprint. */
    public static final int FINGERPRINT = 16;

    private final Slot slot;
    private final byte[] fingerprint;
    private final long most;
    private @Nullable Buffer record = Buffer.buffer();
    private boolean complete;

    /**
     * @param slot the flight
     * @param fingerprint of the body, {@link #FINGERPRINT} bytes
     * @param most bytes of a stream that are recorded; a longer one is not kept
     */
    public Once(Slot slot, byte[] fingerprint, long most) {
        this.slot = slot;
        this.fingerprint = fingerprint.clone();
        this.most = most;
    }

    public Slot slot() {
        return slot;
    }

    /** Whether a kept answer is one to this body. */
    public boolean matches(Bytes kept) {
        return kept.size() >= FINGERPRINT
                && Arrays.equals(kept.unsafeArray(), 0, FINGERPRINT, fingerprint, 0, FINGERPRINT);
    }

    /** The answer in a form in which it is kept. */
    public Bytes keep(Buffer answer) {
        return Bytes.of(Buffer.buffer(FINGERPRINT + answer.length())
                .appendBytes(fingerprint)
                .appendBuffer(answer));
    }

    /** The answer in what was kept. */
    public static Buffer answer(Bytes kept) {
        return Buffer.buffer(kept.size() - FINGERPRINT)
                .appendBytes(kept.unsafeArray(), FINGERPRINT, kept.size() - FINGERPRINT);
    }

    /** A piece of a stream. */
    public void piece(Buffer piece) {
        Buffer soFar = record;
        if (soFar != null) {
            record = soFar.length() + piece.length() > most ? null : soFar.appendBuffer(piece);
        }
    }

    /** The stream has ended as it should. */
    public void complete() {
        complete = true;
    }

    /** The whole stream; null where it did not end, or was too long. */
    public @Nullable Buffer recorded() {
        return complete ? record : null;
    }
}
