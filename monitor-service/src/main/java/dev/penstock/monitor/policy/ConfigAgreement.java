package dev.penstock.monitor.policy;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whether all members run under the same configuration. Each reads its own file, and a reload reaches them one after the
 * other: only a difference that lasts is told. Confined to one thread.
 */
public final class ConfigAgreement {
    /** How long members may differ before it is told. */
    public static final long PATIENCE_MILLIS = 60_000;

    private static final int SHOWN = 8;

    private boolean differing;
    private long sinceMillis;
    private @Nullable String told;

    /**
     * Looks at what the members say.
     *
     * @param hashes of their files by member; empty for one that was given none
     * @return the sentence to tell, with all members; null while they agree or have not differed for long
     */
    public @Nullable String look(Map<String, String> hashes, long nowMillis) {
        Map<String, List<String>> byHash = new TreeMap<>(hashes.entrySet().stream()
                .filter(entry -> !entry.getValue().isEmpty())
                .collect(Collectors.groupingBy(
                        Map.Entry::getValue, Collectors.mapping(Map.Entry::getKey, Collectors.toList()))));
        boolean now = byHash.size() > 1;
        if (now && !differing) {
            sinceMillis = nowMillis;
        }
        differing = now;
        told = now && nowMillis - sinceMillis > PATIENCE_MILLIS ? sentence(byHash) : null;
        return told;
    }

    /** What the last look came to. */
    public @Nullable String told() {
        return told;
    }

    private static String sentence(Map<String, List<String>> byHash) {
        return byHash.entrySet().stream()
                .map(one -> String.join(", ", new TreeSet<>(one.getValue())) + " with " + shown(one.getKey()))
                .collect(Collectors.joining("; ", "configuration differs: ", ""));
    }

    private static String shown(String hash) {
        return hash.substring(0, Math.min(SHOWN, hash.length()));
    }
}
