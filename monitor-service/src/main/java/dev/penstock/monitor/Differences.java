package dev.penstock.monitor;

import dev.penstock.common.bus.CallContext;
import dev.penstock.common.contract.AlertContract;
import dev.penstock.common.contract.AlertContract.Condition;
import dev.penstock.common.contract.AlertContract.Severity;
import dev.penstock.common.service.Role;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.monitor.policy.ClusterJudge;
import dev.penstock.monitor.policy.ConfigAgreement;
import dev.penstock.monitor.policy.SlotWindow;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Members that run under different configurations: noticed here, told as a condition. Belongs to one event loop. */
final class Differences {
    private final ServiceContext services;
    private final SlotWindow window;
    private final InstantSource clock;
    private final ConfigAgreement agreement = new ConfigAgreement();
    /** Whether the alert service knows of a difference, and must hear of its end. */
    private boolean raised;

    Differences(ServiceContext services, SlotWindow window, InstantSource clock) {
        this.services = services;
        this.window = window;
        this.clock = clock;
    }

    /** What health says; null while there is nothing to say. */
    @Nullable
    String told() {
        return agreement.told();
    }

    /** Looks at what each member said last; one that is silent says nothing about now. */
    void look() {
        long now = clock.millis();
        Map<String, String> hashes = new HashMap<>();
        for (Role role : Role.values()) {
            for (String member : services.membership().live(role)) {
                if (window.silentFor(member, now) <= ClusterJudge.SILENT_MILLIS) {
                    window.newest(member)
                            .ifPresent(said -> hashes.put(member, said.health().configHash()));
                }
            }
        }
        agreement.look(hashes, now);
    }

    /** Sends the condition while it lasts, and its end until it is taken. */
    void tell(CallContext call) {
        String sentence = agreement.told();
        if (sentence == null && !raised) {
            return;
        }
        raised = true;
        services.bus()
                .callAny(AlertContract.OBSERVE, condition(sentence), call)
                .onSuccess(taken -> raised = sentence != null);
    }

    private Condition condition(@Nullable String sentence) {
        return new Condition(
                "ConfigurationDiffers",
                Map.of("severity", "warning"),
                Severity.WARNING,
                sentence != null,
                null,
                null,
                Duration.ZERO,
                "Members run under different configurations",
                sentence == null ? "All members run under the same configuration." : sentence + ".",
                "Give all members the same file. GET /api/admin/config shows the hash in force; a member that refuses its file"
                        + " says why in GET /health and in its log.",
                clock.instant());
    }
}
