package dev.penstock.gateway.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.common.contract.SecurityContract.Kind;
import dev.penstock.common.crypto.FieldCipher;
import dev.penstock.common.store.Migrations;
import dev.penstock.common.unit.Secret;
import dev.penstock.gateway.audit.AuditReader.Row;
import dev.penstock.gateway.audit.AuditReader.Search;
import dev.penstock.gateway.audit.AuditReader.Verdict;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.ServiceHarness;
import dev.penstock.testkit.TestServers;
import io.vertx.core.Future;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The trail on a real Postgres. */
class AuditLogIT {
    private static final FieldCipher CIPHER = FieldCipher.of(List.of(new Secret("0123456789abcdef0123456789abcdef")));

    @TempDir
    Path folder;

    private final TestServers.Database database = TestServers.freshDatabase();
    private ServiceHarness harness;
    private AuditLog audit;

    @BeforeEach
    void start() {
        harness = ServiceHarness.with("{}", folder, "", database.url());
        Await.until("Postgres is there", () -> harness.context().postgres().available());
        audit = AuditLog.open(harness.context(), CIPHER);
        Await.result(audit.start());
    }

    @AfterEach
    void stop() {
        Await.result(audit.stop());
        harness.close();
    }

    @Test
    void anActIsReadBackAsItWasAndStandsInTheDatabaseWithoutPersonalData() throws SQLException {
        record(change("usr_ada", "key_1"));
        Row row = list(null).getFirst();
        assertThat(row.actor()).isEqualTo("usr_ada");
        assertThat(row.address()).isEqualTo("192.0.2.7");
        assertThat(row.target()).isEqualTo("key_1");
        assertThat(row.detail()).isEqualTo("made for Ada");
        assertThat(row.allowed()).isTrue();
        assertThat(list("usr_ada")).hasSize(1);
        assertThat(list("usr_bob")).isEmpty();
        assertThat(text(
                        "SELECT string_agg(e::text || encode(actor_data, 'escape') || encode(target_data, 'escape'), '')"
                                + " FROM penstock.audit_entry e"))
                .doesNotContain("usr_ada")
                .doesNotContain("192.0.2.7")
                .doesNotContain("key_1");
    }

    @Test
    void severalWritersMakeOneChain() {
        AuditLog other = AuditLog.open(harness.context(), CIPHER);
        List<Future<Void>> all = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            all.add(audit.record(change("usr_" + i % 7, "key_" + i)));
            all.add(other.record(change("usr_" + i % 5, "team_" + i)));
        }
        Await.result(Future.all(all));
        Verdict verdict = Await.result(audit.reader().verify(0));
        assertThat(verdict.broken()).isNull();
        assertThat(verdict.complete()).isTrue();
        assertThat(verdict.checked()).isEqualTo(300);
        assertThat(Await.result(audit.reader().verify(200)).checked()).isEqualTo(100);
    }

    @Test
    void theApplicationsRoleMayAppendButNeitherChangeNorDeleteNorForge() throws SQLException {
        record(change("usr_ada", "key_1"));
        execute("CREATE ROLE audit_app_" + suffix() + " LOGIN PASSWORD 'p'");
        String url = database.url().replaceFirst("//[^@]*@", "//audit_app_" + suffix() + ":p@");
        Await.result(Migrations.run(harness.context().vertx(), database.url(), url));
        for (String denied : List.of(
                "UPDATE penstock.audit_entry SET kind = 'X'",
                "DELETE FROM penstock.audit_entry",
                "TRUNCATE penstock.audit_entry",
                "INSERT INTO penstock.audit_entry SELECT * FROM penstock.audit_entry",
                "UPDATE penstock.audit_head SET seq = 0",
                "SELECT penstock.audit_retire(current_date + 1)",
                "DELETE FROM penstock." + today(),
                "DROP TABLE penstock." + today())) {
            assertThatThrownBy(() -> execute("SET ROLE audit_app_" + suffix() + "; " + denied))
                    .as(denied)
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42501"));
        }
        execute("SET ROLE audit_app_" + suffix() + "; SELECT penstock.audit_append('[]')");
    }

    @Test
    void evenTheOwnerIsStoppedByTheTrigger() {
        record(change("usr_ada", "key_1"));
        for (String denied : List.of(
                "UPDATE penstock.audit_entry SET kind = 'X'",
                "DELETE FROM penstock.audit_entry",
                "TRUNCATE penstock.audit_entry",
                "TRUNCATE penstock." + today(),
                "DELETE FROM penstock." + today())) {
            assertThatThrownBy(() -> execute(denied)).as(denied).hasMessageContaining("cannot be changed");
        }
    }

    @Test
    void aRowChangedBehindTheTriggersBackIsFound() throws SQLException {
        for (int i = 0; i < 5; i++) {
            record(change("usr_ada", "key_" + i));
        }
        execute(
                "SET session_replication_role = replica; UPDATE penstock.audit_entry SET allowed = false WHERE seq = 3");
        Verdict verdict = Await.result(audit.reader().verify(0));
        assertThat(verdict.broken()).isNotNull();
        assertThat(verdict.broken().seq()).isEqualTo(3);
    }

    @Test
    void aRowTakenOutIsFoundAlsoAtTheEnd() throws SQLException {
        for (int i = 0; i < 3; i++) {
            record(change("usr_ada", "key_" + i));
        }
        execute("SET session_replication_role = replica; DELETE FROM penstock.audit_entry WHERE seq = 3");
        assertThat(Await.result(audit.reader().verify(0)).broken().seq()).isEqualTo(3);
        execute("SET session_replication_role = replica; DELETE FROM penstock.audit_entry WHERE seq = 1");
        assertThat(Await.result(audit.reader().verify(0)).broken().seq()).isEqualTo(1);
    }

    @Test
    void whatIsSentTwiceArrivesOnce() {
        AuditSubjects subjects = new AuditSubjects(harness.context().postgres(), CIPHER);
        AuditStore store = new AuditStore(harness.context().postgres(), subjects);
        AuditEntry entry = AuditEntry.of(change("usr_ada", "key_1"), java.time.Instant.now(), 0);
        Await.result(store.append(List.of(entry, entry)));
        Await.result(store.append(List.of(entry)));
        assertThat(list(null)).hasSize(1);
    }

    @Test
    void whoIsForgottenLeavesRowsThatNobodyCanReadInAChainThatHolds() {
        record(change("usr_ada", "key_1"));
        record(change("usr_bob", "usr_ada"));
        assertThat(Await.result(audit.reader().concerning(List.of("usr_ada"), 10)))
                .hasSize(2);
        List<String> refs = Await.result(audit.reader().forget(List.of("usr_ada")));
        assertThat(refs).hasSize(1);
        assertThat(Await.result(audit.reader().concerning(List.of("usr_ada"), 10)))
                .isEmpty();
        List<Row> rows = list(null);
        assertThat(rows).hasSize(2);
        assertThat(rows.toString()).doesNotContain("usr_ada").contains(refs.getFirst());
        assertThat(rows.get(0).actor()).isEqualTo("usr_bob");
        assertThat(rows.get(1).address()).isNull();
        assertThat(Await.result(audit.reader().verify(0)).broken()).isNull();
    }

    @Test
    void aFloodOfRefusalsIsWrittenInPartAndCountedInFull() {
        for (int i = 0; i < 500; i++) {
            audit.record(new Audit.Act(Kind.ACCESS_DENIED, "key_x", "192.0.2.9", "c", "op", false, "denied"));
        }
        Await.result(audit.stop());
        List<Row> rows = Await.result(audit.reader().list(new Search(null, null, null, null, Long.MAX_VALUE, 500)));
        assertThat(rows.size()).isBetween(20, 150);
        assertThat(rows.stream().mapToInt(Row::further).sum()
                        + rows.stream().filter(row -> row.further() == 0).count())
                .isEqualTo(500);
    }

    @Test
    void theSpoolOfADeadProcessArrivesOnce() throws Exception {
        AuditSpool spool = new AuditSpool(folder.resolve("spool/audit"), CIPHER, 1_000_000);
        spool.open();
        List<AuditEntry> entries = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            entries.add(AuditEntry.of(change("usr_ada", "key_" + i), java.time.Instant.now(), 0));
        }
        assertThat(spool.append(entries)).isEqualTo(30);
        spool.close();
        AuditLog later = AuditLog.open(harness.context(), CIPHER);
        Await.result(later.start());
        Await.until("the spool is empty", () -> {
            try (var files = Files.list(folder.resolve("spool/audit"))) {
                return files.findAny().isEmpty();
            } catch (java.io.IOException e) {
                throw new AssertionError(e);
            }
        });
        assertThat(list(null)).hasSize(30);
        Await.result(later.stop());
    }

    @Test
    void oldDaysAreRetiredAndTheRestStaysProvable() throws SQLException {
        record(change("usr_ada", "key_1"));
        execute("SELECT penstock.audit_retire(current_date)");
        assertThat(list(null)).hasSize(1);
        assertThat(Await.result(audit.reader().verify(0)).broken()).isNull();
    }

    private static String suffix() {
        return "it";
    }

    private static String today() {
        return "audit_entry_"
                + java.time.LocalDate.now(java.time.ZoneOffset.UTC).toString().replace("-", "");
    }

    private static Audit.Act change(String actor, String target) {
        return new Audit.Act(Kind.KEY_CREATED, actor, "192.0.2.7", "corr-1", target, true, "made for Ada");
    }

    private void record(Audit.Act act) {
        Await.result(audit.record(act));
    }

    private List<Row> list(String actor) {
        return Await.result(audit.reader().list(new Search(actor, null, null, null, Long.MAX_VALUE, 100)));
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(database.jdbcUrl());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private String text(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(database.jdbcUrl());
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getString(1);
        }
    }
}
