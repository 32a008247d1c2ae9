package dev.penstock.gateway.privacy;

import dev.penstock.common.store.Redis;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What Redis keeps under somebody's id: counters of limits, all of which expire within a day by themselves. While Redis
 * is away, and on the other nodes of a Redis Cluster, that is what removes them.
 */
final class PrivacyRedis {
    private static final int PAGE = 1_000;
    private static final int MOST = 10_000;

    private final Redis redis;

    PrivacyRedis(Redis redis) {
        this.redis = redis;
    }

    /** The names of keys that hold any of these. */
    Future<List<String>> keys(Set<String> names) {
        List<String> found = new ArrayList<>();
        return redis.available() ? scan("0", names, found).map(found) : Future.succeededFuture(List.of());
    }

    Future<Void> delete(Set<String> names) {
        return keys(names).compose(keys -> {
            Future<Void> chain = Future.succeededFuture();
            for (String key : keys) {
                chain = chain.compose(done -> redis.send(Command.UNLINK, key)).mapEmpty();
            }
            return chain;
        });
    }

    private Future<Void> scan(String cursor, Collection<String> names, List<String> found) {
        return redis.send(Command.SCAN, cursor, "MATCH", "penstock:*", "COUNT", PAGE)
                .compose(page -> {
                    if (page == null) {
                        return Future.succeededFuture();
                    }
                    collect(page.get(1), names, found);
                    String next = page.get(0).toString();
                    return next.equals("0") || found.size() >= MOST
                            ? Future.succeededFuture()
                            : scan(next, names, found);
                });
    }

    private static void collect(@Nullable Response keys, Collection<String> names, List<String> found) {
        if (keys == null) {
            return;
        }
        for (Response key : keys) {
            String text = key.toString();
            if (names.stream().anyMatch(name -> holds(text, name))) {
                found.add(text);
            }
        }
    }

    /** As a whole word: the beginning of a longer id is another's. */
    static boolean holds(String key, String name) {
        for (int at = key.indexOf(name); at >= 0; at = key.indexOf(name, at + 1)) {
            int end = at + name.length();
            boolean before = at == 0 || !word(key.charAt(at - 1));
            if (before && (end == key.length() || !word(key.charAt(end)))) {
                return true;
            }
        }
        return false;
    }

    private static boolean word(char letter) {
        return Character.isLetterOrDigit(letter) || letter == '_';
    }
}
