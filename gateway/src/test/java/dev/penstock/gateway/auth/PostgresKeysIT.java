package dev.penstock.gateway.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.contract.Priority;
import dev.penstock.common.unit.Bytes;
import dev.penstock.gateway.audit.Audit;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.ServiceHarness;
import dev.penstock.testkit.TestServers;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The statements and the migration against a real server, and revocations through a real Redis. */
class PostgresKeysIT {
    @TempDir
    Path folder;

    private ServiceHarness harness;
    private PostgresKeys keys;

    @BeforeEach
    void start() {
        harness = ServiceHarness.with(
                "auth: {refresh: 100ms, secret: of-the-test}",
                folder,
                TestServers.freshRedis(),
                TestServers.freshDatabase().url());
        keys = new PostgresKeys(harness.context().postgres());
        Await.until(
                "the stores answer",
                () -> harness.context().postgres().available()
                        && harness.context().redis().available());
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    @Test
    void keysComeBackAsTheyWereAndChangesInOrder() {
        KeyRecord first = Await.result(keys.insert(key("key_1", "red")));
        KeyRecord second = Await.result(keys.insert(key("key_2", null)));
        assertThat(second.version()).isGreaterThan(first.version());
        assertThat(first.team()).isEqualTo("red");
        assertThat(first.priority()).isEqualTo(Priority.HIGH);
        assertThat(first.createdAt()).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
        KeyRecord ended = Await.result(keys.revoke("key_1")).orElseThrow();
        assertThat(ended.live()).isFalse();
        assertThat(Await.result(keys.revoke("key_1"))).isEmpty();
        List<KeyRecord> changes = Await.result(keys.changedSince(first.version(), 10));
        assertThat(changes).extracting(KeyRecord::id).containsExactly("key_2", "key_1");
        assertThat(Await.result(keys.changedSince(0, 1))).hasSize(1);
        assertThat(Await.result(keys.list(10))).hasSize(2);
    }

    @Test
    void aKeyMadeByOneGatewayWorksAtAnother() {
        Auth one = Auth.create(harness.context(), Audit.NONE, List.of());
        Auth other = Auth.create(harness.context(), Audit.NONE, List.of());
        Await.result(one.start());
        Await.result(other.start());
        var by = new Caller("key_test", "127.0.0.1", harness.call());
        var wish = new KeyAdmin.Wish("k", AccessRole.USER, null, false, Priority.NORMAL);
        var created = Await.result(one.keys().create(wish, by));
        String id = created.record().id();
        Principal principal = created.record().principal();
        Await.until("the other gateway knows it", () -> other.live(principal));
        Await.result(one.keys().revoke(id, by));
        Await.until("the other gateway knows that it ended", () -> !other.live(principal));
        assertThat(Await.result(new Revocations(harness.context().redis(), Revocations.KEYS).since(0)))
                .contains(id);
        one.stop();
        other.stop();
    }

    private static KeyRecord key(String id, String team) {
        return KeyRecord.plain(
                id,
                "name",
                Bytes.of((id + "-".repeat(32)).substring(0, 32)),
                AccessRole.ANALYST,
                team,
                false,
                Priority.HIGH,
                Instant.parse("2026-01-01T00:00:00Z"),
                "key_test");
    }
}
