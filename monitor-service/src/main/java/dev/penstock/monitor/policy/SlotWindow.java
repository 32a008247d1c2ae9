package dev.penstock.monitor.policy;

import dev.penstock.common.contract.MonitorContract.Samples;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The newest slots of the whole cluster. Late slots are accepted as long as they are within the horizon; a slot that a
 * process sends twice counts once. Used by one thread.
 */
public final class SlotWindow {
    private final int widthMillis;
    private final long horizonMillis;
    private final NavigableMap<Long, Slot> slots = new TreeMap<>();
    private final Map<String, Voice> voices = new HashMap<>();
    private long lostSlots;

    /** @param sequence the newest sequence number that was counted */
    private record Voice(long sequence, long seenMillis, Samples newest) {}

    public SlotWindow(int widthMillis, long horizonMillis) {
        this.widthMillis = widthMillis;
        this.horizonMillis = horizonMillis;
    }

    /** Adds a process's slot; false where it was not counted: seen before, too old, or from the future. */
    public boolean add(Samples samples, long nowMillis) {
        Voice known = voices.get(samples.member());
        boolean restarted = known != null && samples.sequence() < known.sequence() && samples.sequence() <= 1;
        if (known != null && !restarted && samples.sequence() <= known.sequence()) {
            return false;
        }
        if (known != null && !restarted && samples.sequence() > known.sequence() + 1) {
            lostSlots += samples.sequence() - known.sequence() - 1;
        }
        // Also of a process whose clock is wrong: it was heard, and its health is known.
        voices.put(samples.member(), new Voice(samples.sequence(), nowMillis, samples));
        long age = nowMillis - samples.slotMillis();
        if (age > horizonMillis || age < -widthMillis || samples.widthMillis() <= 0) {
            return false;
        }
        slots.computeIfAbsent(align(samples.slotMillis()), Slot::new).add(samples);
        forget(nowMillis);
        return true;
    }

    /** Puts back a slot that was stored earlier, unless there are newer data for it. */
    public void restore(Slot slot) {
        slots.putIfAbsent(align(slot.startMillis()), slot);
    }

    /** The slots of the {@code windowMillis} before the newest complete slot's end, oldest first. */
    public Collection<Slot> last(long windowMillis, long nowMillis) {
        long end = end(nowMillis);
        return slots.subMap(end - align(windowMillis + widthMillis - 1), true, end, false)
                .values();
    }

    /** Which share of a window has data: 1 where every slot is there. */
    public double coverage(long windowMillis, long nowMillis) {
        long expected = Math.max(1, (windowMillis + widthMillis - 1) / widthMillis);
        return Math.min(1.0, (double) last(windowMillis, nowMillis).size() / expected);
    }

    /** The slot that starts then, if there is one. */
    public Optional<Slot> slot(long startMillis) {
        return Optional.ofNullable(slots.get(startMillis));
    }

    /** All slots, oldest first. */
    public List<Slot> all() {
        return List.copyOf(slots.values());
    }

    /** What a process said last, and how long ago. */
    public Optional<Samples> newest(String member) {
        return Optional.ofNullable(voices.get(member)).map(Voice::newest);
    }

    /** Milliseconds since a process was heard; a very large number for one that never was. */
    public long silentFor(String member, long nowMillis) {
        Voice voice = voices.get(member);
        return voice == null ? Long.MAX_VALUE : Math.max(0, nowMillis - voice.seenMillis());
    }

    /** Slots that were announced by a gap in a process's numbering and never came. */
    public long lostSlots() {
        return lostSlots;
    }

    public int widthMillis() {
        return widthMillis;
    }

    /** The end of the newest slot that all should have sent by now. */
    private long end(long nowMillis) {
        long running = align(nowMillis);
        return slots.containsKey(running - widthMillis) ? running : running - widthMillis;
    }

    private long align(long millis) {
        return millis - Math.floorMod(millis, widthMillis);
    }

    private void forget(long nowMillis) {
        slots.headMap(nowMillis - horizonMillis).clear();
        voices.values().removeIf(voice -> nowMillis - voice.seenMillis() > horizonMillis);
    }
}
