package dev.penstock.gateway.auth;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Keys that were good a moment ago, by their text, so that the hot path needs no HMAC. A plain array of slots: a busy
 * slot is overwritten, which costs one HMAC more and nothing else. Only good keys get in, so a flood of bad ones pushes
 * nothing out. The texts stay in memory only, as they do in the buffers of their connections. Safe for many threads.
 */
final class RecentKeys {
    private static final int SLOTS = 4_096;

    private record Slot(String presented, KeyTable table, KeyTable.Entry entry) {}

    private final AtomicReferenceArray<@Nullable Slot> slots = new AtomicReferenceArray<>(SLOTS);

    /** What the key led to while {@code table} was in force, or null. */
    KeyTable.@Nullable Entry find(String presented, KeyTable table) {
        Slot slot = slots.getAcquire(index(presented));
        return slot != null && slot.table() == table && same(slot.presented(), presented) ? slot.entry() : null;
    }

    void remember(String presented, KeyTable table, KeyTable.Entry entry) {
        slots.setRelease(index(presented), new Slot(presented, table, entry));
    }

    private static int index(String presented) {
        int hash = presented.hashCode() * 0x9E3779B9;
        return hash >>> 20 & (SLOTS - 1);
    }

    /** In a time that depends on the length alone. */
    private static boolean same(String one, String other) {
        if (one.length() != other.length()) {
            return false;
        }
        int difference = 0;
        for (int i = 0; i < one.length(); i++) {
            difference |= one.charAt(i) ^ other.charAt(i);
        }
        return difference == 0;
    }
}
