package dev.penstock.gateway.exchange;

import dev.penstock.common.contract.CacheContract.CacheKey;
import dev.penstock.common.contract.CacheContract.Entry;
import dev.penstock.common.contract.CacheContract.Tier;
import dev.penstock.common.fault.Fault;
import dev.penstock.gateway.nearcache.NearEntry;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One cacheable piece of a request's answer: an embedded input, or a whole completion. Confined to the exchange. */
public final class Slot {
    /** Who brings the answer. */
    public enum State {
        /** Nobody was asked yet. */
        OPEN,
        /** It came from a cache. */
        HIT,
        /** This request, and others may wait for it. */
        LEAD,
        /** Another request, for which this one waits. */
        JOIN,
        /** This request, for itself. */
        ALONE
    }

    private final CacheKey key;
    private final int input;
    private State state = State.OPEN;
    private @Nullable NearEntry near;
    private @Nullable Entry entry;
    private @Nullable Tier tier;
    private @Nullable Fault fault;
    private String owner = "";
    private long flight;
    private boolean led;
    private boolean joined;
    private boolean computed;

    /** @param input index of the input that it answers; the first of them where several are equal */
    public Slot(CacheKey key, int input) {
        this.key = key;
        this.input = input;
    }

    public CacheKey key() {
        return key;
    }

    public int input() {
        return input;
    }

    public State state() {
        return state;
    }

    /** It was in this gateway's heap. */
    public void nearHit(NearEntry found) {
        near = found;
        hit(found.entry(), Tier.L1);
    }

    /** It was in a tier of cache-service. */
    public void hit(Entry found, Tier foundIn) {
        entry = found;
        tier = foundIn;
        state = State.HIT;
    }

    /** This request must bring it, and end the flight at {@code owner}. */
    public void lead(String flightOwner, long flightNumber) {
        owner = flightOwner;
        flight = flightNumber;
        led = true;
        state = State.LEAD;
    }

    public void join(String flightOwner, long flightNumber) {
        owner = flightOwner;
        flight = flightNumber;
        joined = true;
        state = State.JOIN;
    }

    /** There is no flight to take part in. */
    public void alone() {
        led = false;
        state = State.ALONE;
    }

    /** The answer that another request brought. */
    public void landed(Entry brought) {
        entry = brought;
    }

    /** The answer that this request brought. */
    public void computed(Entry made) {
        entry = made;
        computed = true;
    }

    public void failed(Fault why) {
        fault = why;
    }

    /** Whether a flight of this request's must still be ended. */
    public boolean led() {
        return led;
    }

    /** Whether it waited for another request. */
    public boolean joined() {
        return joined;
    }

    /** Whether this request brought the answer itself. */
    public boolean computed() {
        return computed;
    }

    public String owner() {
        return owner;
    }

    public long flight() {
        return flight;
    }

    public boolean answered() {
        return entry != null;
    }

    public @Nullable NearEntry near() {
        return near;
    }

    /** The answer; only once it is {@link #answered()}. */
    public Entry entry() {
        return Objects.requireNonNull(entry, "no answer yet");
    }

    /** The tier of a hit, else null. */
    public @Nullable Tier tier() {
        return tier;
    }

    public @Nullable Fault fault() {
        return fault;
    }
}
