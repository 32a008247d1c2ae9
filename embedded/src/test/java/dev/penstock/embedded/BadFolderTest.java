package dev.penstock.embedded;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person reads who gave a folder that cannot be used: one sentence, with what to do. */
class BadFolderTest {
    private static final EmbeddedOptions POSTGRES = EmbeddedOptions.forTests()
            .withServers(true, false)
            .withBinaries(Path.of(
                    System.getProperty("java.io.tmpdir"), "penstock-it-bin-" + System.getProperty("user.name")));

    @TempDir
    Path folder;

    @Test
    void garbledVersion() throws IOException {
        cluster("garbage \u0000\u00ff");
        startFails().hasMessageContaining("is damaged (unreadable PG_VERSION)");
    }

    @Test
    void otherMajorVersion() throws IOException {
        cluster("15\n");
        startFails().hasMessageContaining("is of version 15 but this Penstock brings 18");
    }

    @Test
    void missingControlFile() throws IOException {
        cluster("18\n");
        startFails().hasMessageContaining("global/pg_control is missing");
    }

    @Test
    void someOtherContent() throws IOException {
        Files.createDirectories(folder.resolve("postgres/photos"));
        startFails().hasMessageContaining("holds no PostgreSQL data");
    }

    @Test
    void aFileWhereTheFolderShouldBe() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> EmbeddedServers.start(file, POSTGRES))
                .isInstanceOf(EmbeddedException.class)
                .hasMessageContaining("Cannot use the data folder")
                .hasMessageContaining("--data");
    }

    @Test
    void usedTwiceInOneProcess() throws Exception {
        try (DataFolderLock _ = DataFolderLock.acquire(folder)) {
            startFails().hasMessageContaining("in use by another Penstock");
        }
    }

    @Test
    void platformWithoutBinaries() {
        BinaryCache cache = new BinaryCache(folder, Platform.of("Plan 9", "mips"));
        assertThatThrownBy(cache::redis)
                .isInstanceOf(EmbeddedException.class)
                .hasMessageContaining("no embedded Redis for plan 9-mips")
                .hasMessageContaining("redis.url");
        assertThatThrownBy(cache::postgres).hasMessageContaining("postgres.url");
    }

    private void cluster(String version) throws IOException {
        Files.createDirectories(folder.resolve("postgres"));
        Files.writeString(folder.resolve("postgres/PG_VERSION"), version);
    }

    private AbstractThrowableAssert<?, ? extends Throwable> startFails() {
        return assertThatThrownBy(() -> EmbeddedServers.start(folder, POSTGRES))
                .isInstanceOf(EmbeddedException.class)
                .hasMessageEndingWith(".");
    }
}
