package dev.penstock.monitor.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.contract.MonitorContract.Check;
import dev.penstock.common.contract.MonitorContract.ServiceHealth;
import dev.penstock.common.contract.MonitorContract.Status;
import dev.penstock.common.service.Role;
import dev.penstock.monitor.policy.ClusterJudge.Part;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterJudgeTest {
    @Test
    void allWellIsHealthyAndNamesEveryService() {
        var health = ClusterJudge.judge(parts(null, Status.HEALTHY));

        assertThat(health.status()).isEqualTo(Status.HEALTHY);
        assertThat(health.services())
                .extracting(ServiceHealth::service)
                .containsExactly("gateway", "cache", "batching", "monitor", "alert");
    }

    @Test
    void withoutBatchingNothingIsAnswered() {
        var health = ClusterJudge.judge(parts(Role.BATCHING, Status.HEALTHY));

        assertThat(health.status()).isEqualTo(Status.UNHEALTHY);
        assertThat(health.reasons()).contains("batching is absent");
    }

    @Test
    void withoutCacheThingsAreDegraded() {
        assertThat(ClusterJudge.judge(parts(Role.CACHE, Status.HEALTHY)).status())
                .isEqualTo(Status.DEGRADED);
    }

    @Test
    void aSilentPartIsNeverTakenForHealthy() {
        assertThat(ClusterJudge.judge(parts(null, Status.UNKNOWN)).status()).isEqualTo(Status.DEGRADED);
    }

    @Test
    void aDegradedDependencyIsNamed() {
        var health = ClusterJudge.judge(List.of(new Part(
                Role.GATEWAY,
                List.of(new ServiceHealth(
                        "gateway",
                        "a",
                        Status.DEGRADED,
                        10,
                        List.of(new Check("redis", Status.DEGRADED, "memory-only")))))));

        assertThat(health.reasons()).contains("redis: memory-only");
    }

    private static List<Part> parts(@org.jspecify.annotations.Nullable Role missing, Status status) {
        List<Part> parts = new ArrayList<>();
        for (Role role : Role.values()) {
            parts.add(new Part(
                    role,
                    role == missing ? List.of() : List.of(new ServiceHealth(role.label(), "m", status, 5, List.of()))));
        }
        return parts;
    }
}
