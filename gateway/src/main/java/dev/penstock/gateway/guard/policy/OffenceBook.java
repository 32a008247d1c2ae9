package dev.penstock.gateway.guard.policy;

import dev.penstock.common.config.BlockConfig;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Counts misdeeds by address and kind over windows that begin with the first. Who has most recently misbehaved is
 * remembered; the address that was quiet for longest makes room. Pure; confined to one thread.
 */
public final class OffenceBook {
    /** About 10 MB at the very most. */
    public static final int MOST_ADDRESSES = 20_000;

    private final BlockConfig config;
    private final int most;
    private final Map<String, Map<Offence, Tally>> records;

    private static final class Tally {
        private int count;
        private long sinceMillis;
        /** Hashes of unknown paths of the window; bounded by the threshold. */
        private @Nullable Set<Integer> paths;
    }

    public OffenceBook(BlockConfig config) {
        this(config, MOST_ADDRESSES);
    }

    OffenceBook(BlockConfig config, int most) {
        this.config = config;
        this.most = most;
        this.records = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Map<Offence, Tally>> eldest) {
                return size() > OffenceBook.this.most;
            }
        };
    }

    /**
     * One misdeed.
     *
     * @param address as {@code Addresses.group} gives it
     * @param path for {@link Offence#UNKNOWN_PATHS}, else empty
     * @return whether the address has now done enough to be blocked; then it begins anew
     */
    public boolean add(String address, Offence offence, String path, long nowMillis) {
        int threshold = threshold(offence);
        if (threshold == 0 || !config.automatic()) {
            return false;
        }
        Tally tally = records.computeIfAbsent(address, unknown -> new EnumMap<>(Offence.class))
                .computeIfAbsent(offence, unknown -> new Tally());
        if (tally.count == 0 || nowMillis - tally.sinceMillis >= config.window().toMillis()) {
            tally.count = 0;
            tally.sinceMillis = nowMillis;
            tally.paths = null;
        }
        if (offence == Offence.UNKNOWN_PATHS && !first(tally, path)) {
            return false;
        }
        if (++tally.count < threshold) {
            return false;
        }
        records.remove(address);
        return true;
    }

    /** Addresses that are remembered. */
    public int size() {
        return records.size();
    }

    private static boolean first(Tally tally, String path) {
        Set<Integer> paths = tally.paths;
        if (paths == null) {
            paths = new HashSet<>();
            tally.paths = paths;
        }
        return paths.add(path.hashCode());
    }

    private int threshold(Offence offence) {
        return switch (offence) {
            case FAILURES -> config.failures();
            case PROBES -> config.probes();
            case UNKNOWN_PATHS -> config.unknownPaths();
            case SUSPICIOUS -> config.suspicious();
            case UPLOADS -> config.uploads();
            case REUSED_TOKENS -> config.reusedTokens();
        };
    }
}
