package dev.penstock.common.pool;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one request asks of a pool.
 *
 * @param key what consistent hashing goes by, for example a path or the beginning of a prompt; null for none
 * @param caller by what the pool's affinity knows the caller again: the cookie's value, the header's, or the address, as
 *     the pool's configuration says; null for none
 * @param tried instances that failed this request already; not empty for a repetition
 */
public record Selection(@Nullable String key, @Nullable String caller, Set<String> tried) {
    public static final Selection ANY = new Selection(null, null, Set.of());

    public Selection {
        tried = Set.copyOf(tried);
    }

    public static Selection of(@Nullable String key, @Nullable String caller) {
        return new Selection(key, caller, Set.of());
    }

    /** The same request, to be repeated elsewhere. */
    public Selection after(String instance) {
        Set<String> all = new HashSet<>(tried);
        all.add(instance);
        return new Selection(key, caller, all);
    }
}
