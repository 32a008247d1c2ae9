package dev.penstock.alert.store;

import static dev.penstock.alert.policy.Conditions.START;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.alert.policy.AlertBook;
import dev.penstock.alert.policy.AlertMachine;
import dev.penstock.alert.policy.Conditions;
import dev.penstock.common.contract.AlertContract.Event;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlertSpoolTest {
    @TempDir
    Path folder;

    @Test
    void whatWasAppendedIsReadBackWholeByTheNextProcess() throws Exception {
        AlertRecord record = record("a", 1);
        new AlertSpool(folder).append(List.of(record));
        new AlertSpool(folder).append(List.of(new AlertRecord(null, "dropped-id", null)));

        assertThat(new AlertSpool(folder).read()).containsExactly(record, new AlertRecord(null, "dropped-id", null));
    }

    @Test
    void aLineThatACrashCutShortIsLeftOut() throws Exception {
        var spool = new AlertSpool(folder);
        spool.append(List.of(record("a", 1)));
        Files.writeString(folder.resolve("alerts.spool"), "{\"tracked\":{\"al", StandardOpenOption.APPEND);

        assertThat(spool.read()).hasSize(1);
    }

    @Test
    void spooledEventsAreNumberedBehindThoseThatPostgresHasAndDoublesAreLeftOut() {
        AlertRecord stored = record("a", 1);
        AlertRecord fresh = record("b", 1);

        List<AlertRecord> renumbered = DurableAlerts.renumbered(List.of(stored, fresh), List.of(event(stored)));

        assertThat(renumbered.get(0).event()).isNull();
        assertThat(event(renumbered.get(1)).id()).isEqualTo(2);
    }

    private static Event event(AlertRecord record) {
        return java.util.Objects.requireNonNull(record.event());
    }

    private static AlertRecord record(String name, long id) {
        var book = new AlertBook(new AlertMachine(Duration.ZERO, Duration.ofMinutes(2)), 10, 10);
        var step = book.observe(Conditions.of(name, true, Duration.ZERO), START);
        Event event = java.util.Objects.requireNonNull(step.event());
        return new AlertRecord(step.next(), null, new Event(id, event.kind(), event.alert(), event.at()));
    }
}
