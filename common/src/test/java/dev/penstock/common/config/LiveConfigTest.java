package dev.penstock.common.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.config.LiveConfig.Outcome;
import dev.penstock.common.config.LiveConfig.Outcome.Refused;
import dev.penstock.common.config.LiveConfig.Outcome.Swapped;
import dev.penstock.common.config.LiveConfig.Outcome.Unchanged;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A reload happens whole or not at all. */
class LiveConfigTest {
    private static final String LIMIT = "limits: [{name: ai, per-minute: 7}]\n";

    private final AtomicReference<String> document = new AtomicReference<>("");
    private final PenstockConfig first = ConfigLoader.defaults();
    private final LiveConfig live = new LiveConfig(
            new LiveConfig.Version(first, first, "old", List.of()),
            () -> ConfigLoader.parse(document.get(), Map.of()),
            same -> same);
    private final List<String> steps = new ArrayList<>();

    @Test
    void allPartsGoOverInTheirOrderAndTheNewOneIsInForce() {
        live.register((before, next) -> () -> steps.add("first " + next.limits().size()));
        live.register(
                (before, next) -> () -> steps.add("second " + before.limits().size()));
        document.set(LIMIT);
        assertThat(live.reload())
                .isInstanceOfSatisfying(
                        Swapped.class, swapped -> assertThat(swapped.sections()).containsExactly("limits"));
        assertThat(steps).containsExactly("first 1", "second 0");
        assertThat(live.config().limits()).hasSize(1);
    }

    @Test
    void onePartThatCannotKeepsAllOthersWhereTheyWere() {
        live.register((before, next) -> () -> steps.add("went over"));
        live.register((before, next) -> {
            throw new IllegalArgumentException("limits: not with me");
        });
        document.set(LIMIT);
        assertThat(live.reload()).isEqualTo(new Refused(List.of("limits: not with me")));
        assertThat(steps).isEmpty();
        assertThat(live.config()).isEqualTo(first);
    }

    @Test
    void aDocumentWithErrorsIsRefusedWithAllOfThem() {
        document.set("limits: [{name: ai, per-minute: -1}]\nserver: {pot: 1}\n");
        Outcome outcome = live.reload();
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> assertThat(refused.reasons())
                                .hasSize(2)
                                .anyMatch(reason -> reason.contains("per-minute"))
                                .anyMatch(reason -> reason.contains("pot")));
        assertThat(live.config()).isEqualTo(first);
    }

    @Test
    void whatNeedsARestartIsNamedAndRefusesTheRest() {
        document.set(LIMIT + "server: {port: 9}\nredis: {timeout: 9ms}\n");
        assertThat(live.reload())
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> assertThat(refused.reasons())
                                .hasSize(2)
                                .anyMatch(reason -> reason.startsWith("redis:"))
                                .anyMatch(reason -> reason.startsWith("server.port:")));
        assertThat(live.config().limits()).isEmpty();
    }

    @Test
    void theSameDocumentChangesNothing() {
        live.register((before, next) -> () -> steps.add("went over"));
        assertThat(live.reload()).isInstanceOf(Unchanged.class);
        assertThat(steps).isEmpty();
    }

    @Test
    void theViewShowsEverySettingButNoSecret() {
        PenstockConfig config = ConfigLoader.parse(
                        "auth: {secret: hush-hush}\nredis: {url: 'redis://:qwertz@h:1'}\n", Map.of())
                .orThrow();
        String view = ConfigView.of(config).toString();
        assertThat(view).doesNotContain("hush").doesNotContain("qwertz").contains("secret=***", "max-body=20MiB");
    }
}
