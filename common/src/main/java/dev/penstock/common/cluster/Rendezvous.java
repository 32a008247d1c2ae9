package dev.penstock.common.cluster;

import java.util.List;
import java.util.Optional;

/** Highest-random-weight hashing (Thaler and Ravishankar, 1998): every member computes the same owner without talking. */
public final class Rendezvous {
    private Rendezvous() {}

    /** The member with the highest weight for {@code hash}. */
    public static Optional<String> pick(List<String> members, long hash) {
        String best = null;
        long bestWeight = 0;
        for (String member : members) {
            long weight = mix(hash(member) ^ mix(hash));
            if (best == null || Long.compareUnsigned(weight, bestWeight) > 0) {
                best = member;
                bestWeight = weight;
            }
        }
        return Optional.ofNullable(best);
    }

    /** FNV-1a over the characters, finished by {@link #mix}: stable over processes and versions. */
    public static long hash(String name) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * 0x100000001b3L;
        }
        return mix(hash);
    }

    /** The finaliser of SplitMix64 (Steele, Lea and Flood, 2014). */
    public static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
