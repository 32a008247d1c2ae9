package dev.penstock.gateway.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.common.bus.CallContext;
import dev.penstock.common.contract.CacheContract;
import dev.penstock.common.contract.Priority;
import dev.penstock.common.crypto.FieldCipher;
import dev.penstock.common.service.Role;
import dev.penstock.gateway.audit.AuditLog;
import dev.penstock.gateway.audit.AuditReader.Search;
import dev.penstock.gateway.auth.AccessRole;
import dev.penstock.gateway.auth.Auth;
import dev.penstock.gateway.auth.Caller;
import dev.penstock.gateway.auth.KeyAdmin;
import dev.penstock.gateway.auth.Principal;
import dev.penstock.gateway.auth.Scope;
import dev.penstock.gateway.privacy.PrivacyRegistry.Table;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.ServiceHarness;
import dev.penstock.testkit.TestServers;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivacyIT {
    @TempDir
    Path folder;

    private final TestServers.Database database = TestServers.freshDatabase();
    private final Principal admin = new Principal(
            "key_boss", "boss", AccessRole.ADMIN, null, null, "key:key_boss", true, Priority.CRITICAL, Scope.OPEN);
    private ServiceHarness harness;
    private AuditLog audit;
    private Auth auth;
    private Privacy privacy;
    private CallContext call;

    @BeforeEach
    void start() {
        harness = ServiceHarness.with(
                "auth: {secret: a-secret-for-tests}", folder, TestServers.freshRedis(), database.url());
        Await.until(
                "the stores are there",
                () -> harness.context().postgres().available()
                        && harness.context().redis().available());
        audit = AuditLog.open(
                harness.context(), FieldCipher.of(harness.context().config()));
        Await.result(audit.start());
        auth = Auth.create(harness.context(), audit, List.of());
        Await.result(auth.start());
        privacy = new Privacy(harness.context(), auth, audit, audit.reader(), Future::succeededFuture);
        call = harness.call();
        Await.result(harness.bus()
                .serve(
                        CacheContract.INVALIDATE,
                        (request, context) -> Future.succeededFuture(new CacheContract.Invalidated(1, false))));
        harness.context().membership().announce(Role.CACHE);
    }

    @AfterEach
    void stop() {
        auth.stop();
        Await.result(audit.stop());
        harness.close();
    }

    @Test
    void everyTableAndColumnIsNamedInTheRegistry() throws SQLException {
        Set<String> real = new TreeSet<>();
        try (Connection connection = DriverManager.getConnection(database.jdbcUrl());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT c.table_name || '.' || c.column_name"
                        + " FROM information_schema.columns c JOIN pg_class t ON t.relname = c.table_name"
                        + " AND t.relnamespace = 'penstock'::regnamespace"
                        + " WHERE c.table_schema = 'penstock' AND NOT t.relispartition"
                        + " AND c.table_name <> 'flyway_schema_history'")) {
            while (rows.next()) {
                real.add(rows.getString(1));
            }
        }
        Set<String> named = new TreeSet<>();
        for (Table table : PrivacyRegistry.tables()) {
            table.columns().keySet().forEach(column -> named.add(table.name() + "." + column));
        }
        Set<String> missing = new TreeSet<>(real);
        missing.removeAll(named);
        Set<String> gone = new TreeSet<>(named);
        gone.removeAll(real);
        assertThat(missing)
                .as(
                        "Name these in PrivacyRegistry.LINES, one line a table: `TABLE delete|keep COLUMN COLUMN=subject …`."
                                + " A column that holds nothing about a person needs no '='.")
                .isEmpty();
        assertThat(gone)
                .as("Take these out of PrivacyRegistry.LINES: the schema has them no more.")
                .isEmpty();
    }

    @Test
    void afterErasureTheExportIsEmptyTheKeyIsDeadAndATombstoneStands() {
        String id = key();
        leaveTraces(id);
        var before = Await.result(privacy.export(id, admin, "192.0.2.1", call));
        assertThat(before.tables().fieldNames()).contains("api_key", "alert");
        assertThat(before.tables().encode()).doesNotContain("hash");
        assertThat(before.redis()).hasSize(1);
        assertThat(before.acts()).isNotEmpty();

        Await.result(privacy.erase(id, admin, "192.0.2.1", call));
        assertThat(auth.live(new Principal(
                        id, "gone", AccessRole.USER, null, null, "key:" + id, false, Priority.NORMAL, Scope.OPEN)))
                .isFalse();
        var rows = Await.result(audit.reader().list(new Search(null, null, null, null, Long.MAX_VALUE, 100)));
        assertThat(rows.getFirst().kind()).isEqualTo("PRIVACY_ERASED");
        assertThat(rows.toString()).doesNotContain(id);
        assertThat(Await.result(audit.reader().verify(0)).broken()).isNull();
        var after = Await.result(privacy.export(id, admin, "192.0.2.1", call));
        assertThat(after.tables().isEmpty()).isTrue();
        assertThat(after.redis()).isEmpty();
        assertThat(after.acts()).isEmpty();
    }

    @Test
    void anonymisingKeepsTheCountsAndDropsTheIdentifiers() {
        String id = key();
        leaveTraces(id);
        long alerts = count("penstock.alert");
        long usage = count("penstock.usage_record");
        Await.result(privacy.anonymise(id, admin, "192.0.2.1", call));
        assertThat(count("penstock.alert")).isEqualTo(alerts);
        assertThat(count("penstock.usage_record")).isEqualTo(usage);
        assertThat(Await.result(privacy.export(id, admin, "192.0.2.1", call))
                        .tables()
                        .isEmpty())
                .isTrue();
    }

    @Test
    void anIdThatOnlyBeginsAlikeIsAnothers() {
        String id = key();
        leaveTraces(id + "x");
        Await.result(privacy.erase(id, admin, "192.0.2.1", call));
        assertThat(Await.result(privacy.export(id + "x", admin, "192.0.2.1", call))
                        .tables()
                        .fieldNames())
                .contains("alert");
    }

    @Test
    void nobodyRemovesThemselves() {
        assertThatThrownBy(() -> Await.result(privacy.erase("key_boss", admin, "192.0.2.1", call)))
                .hasMessageContaining("another administrator");
    }

    private String key() {
        var wish = new KeyAdmin.Wish("Ada's key", AccessRole.USER, null, false, Priority.NORMAL);
        return Await.result(auth.keys().create(wish, new Caller(admin.keyId(), "192.0.2.1", call)))
                .record()
                .id();
    }

    private void leaveTraces(String id) {
        execute("INSERT INTO penstock.alert VALUES ('a', 'f', 'FIRING', 1, now(), jsonb_build_object('key', '" + id
                + "'))");
        Await.result(harness.context().redis().send(Command.SET, "penstock:{limit:" + id + "}", "1"));
    }

    private void execute(String sql) {
        try (Connection connection = DriverManager.getConnection(database.jdbcUrl());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private long count(String table) {
        try (Connection connection = DriverManager.getConnection(database.jdbcUrl());
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT count(*) FROM " + table)) {
            result.next();
            return result.getLong(1);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
