package dev.penstock.common.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** No setting may be ignored by a reload: a part follows it, or it is refused with the word "restart". */
class ReloadCoverageTest {
    private static final String GATEWAY = "the gateway's pipelines";
    private static final String POOLS = "batching-service's pools";

    /** Whoever adds a setting says here which part goes over to it, or adds it to {@link FixedSettings}. */
    private static final Map<String, String> FOLLOWED = new TreeMap<>(Map.ofEntries(
            Map.entry("server.max-body", GATEWAY),
            Map.entry("server.timeout", GATEWAY),
            Map.entry("server.idle-timeout", "the gateway's watch over connections"),
            Map.entry("server.drain", "the stop, which reads it then"),
            Map.entry("limits", "the limiter"),
            Map.entry("models", POOLS + " and " + GATEWAY),
            Map.entry("routes", GATEWAY + " and their pools"),
            Map.entry("cache.enabled", GATEWAY + ", the near cache and cache-service"),
            Map.entry("aliases", GATEWAY),
            Map.entry("cache.idempotency-ttl", GATEWAY),
            Map.entry("cache.near-size", "the near cache"),
            Map.entry("cache.memory-size", "cache-service"),
            Map.entry("cache.embedding-ttl", GATEWAY),
            Map.entry("cache.completion-ttl", GATEWAY),
            Map.entry("cache.analysis-ttl", GATEWAY),
            Map.entry("cache.lasting-threshold", "cache-service"),
            Map.entry("batching.max-items", POOLS),
            Map.entry("batching.max-tokens", POOLS),
            Map.entry("batching.slots-per-instance", POOLS),
            Map.entry("batching.max-queue", POOLS),
            Map.entry("batching.max-attempts", POOLS + " and " + GATEWAY),
            Map.entry("batching.breaker-failures", POOLS),
            Map.entry("batching.breaker-window", POOLS),
            Map.entry("batching.breaker-reset", POOLS),
            Map.entry("prices", "the ledger of usage"),
            Map.entry("budgets", "the keeper of budgets"),
            Map.entry("slo", "monitor-service"),
            Map.entry("alerts.keep-firing", "alert-service"),
            Map.entry("alerts.stale-after", "alert-service"),
            Map.entry("alerts.event-log", "alert-service, which reads it at each purge"),
            Map.entry("alerts.sockets-per-key", "the gateway's sockets"),
            Map.entry("telemetry.log-level", "every process"),
            Map.entry("telemetry.access-log-sample", GATEWAY),
            Map.entry("telemetry.slow-request", GATEWAY)));

    @Test
    void everySettingIsFollowedBySomePartOrNeedsARestart() {
        assertThat(settings("", Shape.ROOT))
                .allSatisfy(setting -> assertThat(follower(setting) != null ^ FixedSettings.covers(setting))
                        .as("%s is followed by a part (FOLLOWED here), or needs a restart (FixedSettings)", setting)
                        .isTrue());
    }

    @Test
    void whatIsListedExists() {
        Set<String> known = new TreeSet<>();
        for (String setting : settings("", Shape.ROOT)) {
            for (int dot = setting.indexOf('.'); dot > 0; dot = setting.indexOf('.', dot + 1)) {
                known.add(setting.substring(0, dot));
            }
            known.add(setting);
        }
        assertThat(known).containsAll(FOLLOWED.keySet()).containsAll(FixedSettings.PATHS);
    }

    @Test
    void aFixedSettingThatChangesIsNamedWithWhatToDo() {
        PenstockConfig before = ConfigLoader.defaults();
        PenstockConfig next = Changed.with(
                Changed.with(
                        before, "batching", Changed.with(before.batching(), "leaseRenewal", Duration.ofSeconds(77))),
                "profile",
                Profile.STAGING);
        assertThat(FixedSettings.changed(before, next))
                .containsExactly(
                        "batching.lease-renewal: changes with a restart only; restart the process, or put the old value back",
                        "profile: changes with a restart only; restart the process, or put the old value back");
        assertThat(FixedSettings.changed(before, before)).isEmpty();
    }

    private static String follower(String setting) {
        return Stream.iterate(setting, path -> !path.isEmpty(), ReloadCoverageTest::outer)
                .map(FOLLOWED::get)
                .filter(part -> part != null)
                .findFirst()
                .orElse(null);
    }

    private static String outer(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('.')));
    }

    private static List<String> settings(String outer, Shape.Section section) {
        List<String> paths = new ArrayList<>();
        for (Shape.Field field : section.fields()) {
            Shape shape = field.shape();
            while (shape instanceof Shape.Items items) {
                shape = items.item();
            }
            if (shape instanceof Shape.Entries entries) {
                shape = entries.value();
            }
            String path = outer + field.key();
            if (shape instanceof Shape.Section deeper) {
                paths.addAll(settings(path + ".", deeper));
            } else {
                paths.add(path);
            }
        }
        return paths;
    }
}
