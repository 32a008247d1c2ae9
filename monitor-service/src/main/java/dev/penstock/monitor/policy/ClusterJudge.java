package dev.penstock.monitor.policy;

import dev.penstock.common.contract.MonitorContract.Check;
import dev.penstock.common.contract.MonitorContract.ClusterHealth;
import dev.penstock.common.contract.MonitorContract.ServiceHealth;
import dev.penstock.common.contract.MonitorContract.Status;
import dev.penstock.common.service.Role;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the parts' own words mean for the whole. Old data are {@code UNKNOWN}, never healthy. */
public final class ClusterJudge {
    /** A process that says nothing for this long is not known to be well. */
    public static final long SILENT_MILLIS = 30_000;

    private ClusterJudge() {}

    /** A role and the members that serve it now, with what each said last. */
    public record Part(Role role, List<ServiceHealth> members) {}

    public static ClusterHealth judge(List<Part> parts) {
        return judge(parts, null);
    }

    /** @param difference what {@link ConfigAgreement} tells; null for nothing */
    public static ClusterHealth judge(List<Part> parts, @Nullable String difference) {
        Status worst = Status.HEALTHY;
        Set<String> reasons = new LinkedHashSet<>();
        List<ServiceHealth> services = new ArrayList<>();
        for (Part part : parts) {
            if (part.members().isEmpty()) {
                Status without = withoutRole(part.role());
                worst = worse(worst, without);
                reasons.add(part.role().label() + " is absent");
                services.add(new ServiceHealth(part.role().label(), "", without, 0, List.of()));
            }
            for (ServiceHealth member : part.members()) {
                services.add(member);
                worst = worse(worst, member.status());
                reasons(member).forEach(reasons::add);
            }
        }
        if (difference != null) {
            worst = worse(worst, Status.DEGRADED);
            reasons.add(difference);
        }
        return new ClusterHealth(worst, List.copyOf(reasons), services);
    }

    private static List<String> reasons(ServiceHealth member) {
        List<String> reasons = new ArrayList<>();
        if (member.status() == Status.UNKNOWN) {
            reasons.add(member.service() + " has not been heard for " + member.lastSeenMillisAgo() / 1000 + " s");
        }
        for (Check check : member.checks()) {
            if (check.status() != Status.HEALTHY) {
                String detail = check.detail();
                reasons.add(
                        check.name() + ": " + (detail == null ? check.status().name() : detail));
            }
        }
        return reasons;
    }

    /** Without a gateway or a batching service nothing is answered; without the others less is. */
    private static Status withoutRole(Role role) {
        return switch (role) {
            case GATEWAY, BATCHING -> Status.UNHEALTHY;
            case CACHE, MONITOR, ALERT -> Status.DEGRADED;
        };
    }

    /** A silent part is a reason to look, not a proof of failure. */
    private static Status worse(Status a, Status b) {
        Status known = b == Status.UNKNOWN ? Status.DEGRADED : b;
        return known.compareTo(a) > 0 ? known : a;
    }
}
