package dev.penstock.cache.policy;

import dev.penstock.common.contract.CacheContract.CacheKey;
import dev.penstock.common.contract.CacheContract.CacheType;
import dev.penstock.common.contract.CacheContract.Scope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What this member knows to be invalidated. Invalidations are numbered by one growing sequence; an entry carries the
 * highest number known when its work began ({@code stamp}), and is valid while no scope that covers it has a higher one.
 * So forgetting a tenant or a type touches no entry, and work that began before an invalidation cannot outlive it.
 *
 * <p>Bounded: too many tenants collapse into "everything", too many keys raise a floor below which nothing is stored
 * (their entries were deleted as well, so what is read stays right). Used by one thread.
 */
public final class Generations {
    /** One invalidation by number. */
    public record Mark(Scope scope, long number) {}

    private record TenantType(String tenant, CacheType type) {}

    private final int maxTenants;
    private final int maxKeys;
    private final Map<String, Long> tenants = new HashMap<>();
    private final Map<CacheType, Long> types = new EnumMap<>(CacheType.class);
    private final Map<TenantType, Long> tenantTypes = new HashMap<>();
    /** Oldest number first, as good as: each mark goes to the end. */
    private final LinkedHashMap<CacheKey, Long> keys = new LinkedHashMap<>();

    private long overall;
    private long everything;
    private long keyFloor;

    public Generations(int maxTenants, int maxKeys) {
        this.maxTenants = maxTenants;
        this.maxKeys = maxKeys;
    }

    /** The highest number known: never falls. */
    public long overall() {
        return overall;
    }

    /**
     * Learns of an invalidation, in any order and any number of times.
     *
     * @return whether it was news
     */
    public boolean learn(Mark mark) {
        overall = Math.max(overall, mark.number());
        boolean news = raise(mark.scope(), mark.number());
        if (news) {
            bound();
        }
        return news;
    }

    /** Learns of the highest number given out, once every mark up to it has been learned. */
    public void observe(long number) {
        overall = Math.max(overall, number);
    }

    /** Whether an entry of that stamp may be served. */
    public boolean valid(CacheKey key, long stamp) {
        return stamp >= everything
                && stamp >= of(keys, key)
                && stamp >= of(types, key.type())
                && stamp >= of(tenants, key.tenant())
                && (tenantTypes.isEmpty() || stamp >= of(tenantTypes, new TenantType(key.tenant(), key.type())));
    }

    /** Whether work that began at that stamp may be stored; stricter than {@link #valid}, since key marks are forgotten. */
    public boolean storable(CacheKey key, long stamp) {
        return stamp >= keyFloor && valid(key, stamp);
    }

    /** Everything known above {@code number}, for a store that lost it or never had it. */
    public List<Mark> above(long number) {
        List<Mark> marks = new ArrayList<>();
        if (everything > number) {
            marks.add(new Mark(Scope.EVERYTHING, everything));
        }
        types.forEach((type, at) -> add(marks, new Scope(null, type, null), at, number));
        tenants.forEach((tenant, at) -> add(marks, new Scope(tenant, null, null), at, number));
        tenantTypes.forEach((both, at) -> add(marks, new Scope(both.tenant(), both.type(), null), at, number));
        keys.forEach((key, at) -> add(marks, new Scope(null, null, key), at, number));
        return Collections.unmodifiableList(marks);
    }

    private static void add(List<Mark> marks, Scope scope, long at, long number) {
        if (at > number) {
            marks.add(new Mark(scope, at));
        }
    }

    private boolean raise(Scope scope, long number) {
        CacheKey key = scope.key();
        if (key != null) {
            return number > of(keys, key) && putLast(key, number);
        }
        String tenant = scope.tenant();
        CacheType type = scope.type();
        if (tenant != null && type != null) {
            return raise(tenantTypes, new TenantType(tenant, type), number);
        }
        if (tenant != null) {
            return raise(tenants, tenant, number);
        }
        if (type != null) {
            return raise(types, type, number);
        }
        boolean news = number > everything;
        everything = Math.max(everything, number);
        return news;
    }

    private boolean putLast(CacheKey key, long number) {
        keys.remove(key);
        keys.put(key, number);
        return true;
    }

    private void bound() {
        if (tenants.size() + tenantTypes.size() > maxTenants) {
            everything = overall;
            tenants.clear();
            tenantTypes.clear();
        }
        Iterator<Long> oldest = keys.values().iterator();
        while (keys.size() > maxKeys) {
            keyFloor = Math.max(keyFloor, oldest.next());
            oldest.remove();
        }
    }

    private static <K> boolean raise(Map<K, Long> map, K name, long number) {
        boolean news = number > of(map, name);
        if (news) {
            map.put(name, number);
        }
        return news;
    }

    private static <K> long of(Map<K, Long> map, K name) {
        @Nullable Long number = map.get(name);
        return number == null ? 0 : number;
    }
}
