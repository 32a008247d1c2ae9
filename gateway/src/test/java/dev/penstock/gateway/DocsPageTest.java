package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of the API in a real browser, under its content policy; skipped where there is no Chromium. */
class DocsPageTest {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");

    @Test
    void theApisPageRunsUnderItsContentPolicy(@TempDir Path folder) throws Exception {
        String browser = Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .flatMap(place -> NAMES.stream().map(name -> Path.of(place, name)))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst()
                .orElse("");
        assumeTrue(!browser.isEmpty(), "there is no Chromium here");
        Path shot = Path.of("target", "docs-page.png").toAbsolutePath();
        Path dom = folder.resolve("dom.html");
        Path said = folder.resolve("said.txt");
        Files.createDirectory(folder.resolve("data"));
        try (GatewayFixture gateway = new GatewayFixture(folder.resolve("data"), "")) {
            Process process = new ProcessBuilder(
                            browser,
                            "--headless=new",
                            "--no-sandbox",
                            "--disable-gpu",
                            "--disable-dev-shm-usage",
                            "--no-first-run",
                            "--disable-component-update",
                            "--disable-background-networking",
                            "--user-data-dir=" + folder.resolve("profile"),
                            "--enable-logging=stderr",
                            "--virtual-time-budget=20000",
                            "--window-size=1200,1600",
                            "--screenshot=" + shot,
                            "--dump-dom",
                            "http://127.0.0.1:" + gateway.port() + "/docs")
                    .redirectOutput(dom.toFile())
                    .redirectError(said.toFile())
                    .start();
            boolean ended = process.waitFor(120, TimeUnit.SECONDS);
            if (!ended) {
                process.destroyForcibly();
            }
            assertThat(ended).as(Files.readString(said)).isTrue();
        }
        assertThat(Files.readString(dom)).contains("opblock-summary-path").contains("/v1/chat/completions");
        assertThat(Files.readString(said).lines().filter(line -> line.contains("Content Security Policy")))
                .isEmpty();
    }
}
