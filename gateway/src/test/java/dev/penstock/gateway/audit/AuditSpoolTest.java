package dev.penstock.gateway.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.contract.SecurityContract.Kind;
import dev.penstock.common.crypto.FieldCipher;
import dev.penstock.common.unit.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditSpoolTest {
    private static final FieldCipher CIPHER = FieldCipher.of(List.of(new Secret("0123456789abcdef0123456789abcdef")));

    @TempDir
    Path folder;

    private AuditSpool spool;

    @BeforeEach
    void open() throws IOException {
        spool = reopened();
    }

    @Test
    void whatWasKeptIsReadByTheNextProcess() throws IOException {
        AuditEntry one = entry();
        AuditEntry two = entry();
        assertThat(spool.append(List.of(one, two))).isEqualTo(2);
        AuditSpool later = reopened();
        assertThat(later.bytes()).isEqualTo(spool.bytes());
        Path file = later.oldest();
        assertThat(later.read(file)).containsExactly(one, two);
        later.delete(file);
        assertThat(later.bytes()).isZero();
        assertThat(later.oldest()).isNull();
    }

    @Test
    void theDiskHoldsNoPersonalData() throws IOException {
        spool.append(List.of(entry()));
        assertThat(Files.readString(spool.oldest(), java.nio.charset.StandardCharsets.ISO_8859_1))
                .doesNotContain("usr_ada");
    }

    @Test
    void aRecordThatWasCutOffEndsItsFileAndSparesTheOthers() throws IOException {
        AuditEntry one = entry();
        spool.append(List.of(one));
        Path file = spool.oldest();
        Files.write(file, new byte[] {0, 0, 1, 0, 1, 2, 3, 4, 5}, StandardOpenOption.APPEND);
        assertThat(spool.read(file)).containsExactly(one);
    }

    @Test
    void theLimitHolds() throws IOException {
        AuditSpool small = new AuditSpool(folder.resolve("small"), CIPHER, 1_000);
        small.open();
        int kept = small.append(List.of(entry(), entry(), entry(), entry(), entry(), entry()));
        assertThat(kept).isBetween(1, 5);
        assertThat(small.bytes()).isLessThanOrEqualTo(1_000);
        assertThat(small.append(List.of(entry(), entry(), entry()))).isZero();
    }

    private AuditSpool reopened() throws IOException {
        AuditSpool opened = new AuditSpool(folder, CIPHER, 1_000_000);
        opened.open();
        return opened;
    }

    private static AuditEntry entry() {
        return AuditEntry.of(
                new Audit.Act(Kind.KEY_CREATED, "usr_ada", "192.0.2.7", "c", "key_1", true, "made"), Instant.now(), 0);
    }
}
