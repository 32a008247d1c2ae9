package dev.penstock.cache.policy;

import dev.penstock.common.contract.CacheContract.CacheKey;
import dev.penstock.common.contract.CacheContract.CacheType;
import dev.penstock.common.contract.CacheContract.Scope;
import java.util.List;
import java.util.Optional;

/**
 * The names of scopes as Redis and Postgres keep them. A tenant comes last and may contain anything.
 *
 * <p>{@code *} everything, {@code t:tenant}, {@code y:TYPE}, {@code x:TYPE:tenant}, {@code k:TYPE:high:low:tenant}.
 */
public final class ScopeNames {
    public static final String EVERYTHING = "*";

    private ScopeNames() {}

    public static String of(Scope scope) {
        CacheKey key = scope.key();
        if (key != null) {
            return ofKey(key);
        }
        String tenant = scope.tenant();
        CacheType type = scope.type();
        if (tenant == null) {
            return type == null ? EVERYTHING : "y:" + type.name();
        }
        return type == null ? "t:" + tenant : "x:" + type.name() + ":" + tenant;
    }

    /** Every scope that covers {@code key}. */
    public static List<String> covering(CacheKey key) {
        String type = key.type().name();
        return List.of(EVERYTHING, "t:" + key.tenant(), "y:" + type, "x:" + type + ":" + key.tenant(), ofKey(key));
    }

    /** The scope of that name; empty where a newer version wrote a kind that this one does not know. */
    public static Optional<Scope> parse(String name) {
        if (name.equals(EVERYTHING)) {
            return Optional.of(Scope.EVERYTHING);
        }
        if (name.length() < 2 || name.charAt(1) != ':') {
            return Optional.empty();
        }
        String rest = name.substring(2);
        try {
            return switch (name.charAt(0)) {
                case 't' -> Optional.of(new Scope(rest, null, null));
                case 'y' -> Optional.of(new Scope(null, CacheType.valueOf(rest), null));
                case 'x' -> parseBoth(rest.split(":", 2));
                case 'k' -> parseKey(rest.split(":", 4));
                default -> Optional.empty();
            };
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<Scope> parseBoth(String[] parts) {
        return parts.length < 2
                ? Optional.empty()
                : Optional.of(new Scope(parts[1], CacheType.valueOf(parts[0]), null));
    }

    private static Optional<Scope> parseKey(String[] parts) {
        if (parts.length < 4) {
            return Optional.empty();
        }
        long high = Long.parseUnsignedLong(parts[1], 16);
        long low = Long.parseUnsignedLong(parts[2], 16);
        return Optional.of(new Scope(null, null, new CacheKey(parts[3], CacheType.valueOf(parts[0]), high, low)));
    }

    private static String ofKey(CacheKey key) {
        return "k:" + key.type().name() + ":" + Long.toHexString(key.high()) + ":" + Long.toHexString(key.low()) + ":"
                + key.tenant();
    }
}
