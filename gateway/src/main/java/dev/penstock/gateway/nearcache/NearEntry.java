package dev.penstock.gateway.nearcache;

import dev.penstock.common.contract.CacheContract.Entry;
import dev.penstock.common.unit.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * An answer with the bodies that were made from it already, so that a repeated hit renders nothing.
 *
 * @param plain the body in the default form; null until somebody asked for it
 * @param base64 the body with base64 vectors; null until somebody asked for it
 */
public record NearEntry(
        Entry entry, @Nullable Bytes plain, @Nullable Bytes base64) {
    /** Heap of the key, the records and the map's node, roughly. */
    private static final int OVERHEAD = 256;

    public static NearEntry of(Entry entry) {
        return new NearEntry(entry, null, null);
    }

    public @Nullable Bytes rendered(boolean asBase64) {
        return asBase64 ? base64 : plain;
    }

    public NearEntry with(boolean asBase64, Bytes body) {
        return asBase64 ? new NearEntry(entry, plain, body) : new NearEntry(entry, body, base64);
    }

    int weight() {
        return OVERHEAD
                + entry.body().size()
                + (plain == null ? 0 : plain.size())
                + (base64 == null ? 0 : base64.size());
    }
}
