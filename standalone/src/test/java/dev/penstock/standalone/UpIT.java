package dev.penstock.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.testkit.Await;
import dev.penstock.testkit.ChildJvm;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands as a person runs them: processes of their own, their output, their exit codes, what they leave behind. */
class UpIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    /** SIGTERM, as shells tell it. */
    private static final int TERMINATED = 143;

    @TempDir
    Path folder;

    private final List<ChildJvm> children = new ArrayList<>();

    @AfterEach
    void killAll() {
        children.forEach(ChildJvm::close);
    }

    @Test
    void greetsServesKeepsDataOverAKillAndLeavesNothingBehind() throws Exception {
        ChildJvm first = up();
        String greeting = first.output();
        assertThat(greeting).contains("(a model server without a model)").doesNotContain("Error");
        assertThat(url()).doesNotEndWith(":0");
        assertThat(embed(key())).isEqualTo(200);
        List<String> made =
                keys("create", "--name", "three", "--count", "3").lines().toList();
        assertThat(made).hasSize(3).doesNotHaveDuplicates().allMatch(key -> key.startsWith("psk-"));
        assertThat(embed(made.getFirst())).isEqualTo(200);

        first.kill9();
        ChildJvm second = up();
        assertThat(second.output()).contains("left over by a Penstock that was killed");
        String id = keys("list")
                .lines()
                .filter(line -> line.endsWith("three-1"))
                .map(line -> line.split(" ", 2)[0])
                .findFirst()
                .orElseThrow();
        assertThat(keys("revoke", id)).contains("is revoked");
        Await.until("the revoked key is refused", LIMIT, () -> embed(made.getFirst()) == 401);
        assertThat(embed(made.getLast())).isEqualTo(200);

        assertThat(second.stop(LIMIT)).isEqualTo(TERMINATED);
        assertThat(ofThisFolder()).isEmpty();
        ChildJvm third = up();
        assertThat(third.output()).doesNotContain("left over");
        assertThat(third.stop(LIMIT)).isEqualTo(TERMINATED);
        assertThat(ofThisFolder()).isEmpty();
    }

    @Test
    void whatCannotWorkIsOneSentence() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        Path wrong = Files.writeString(folder.resolve("wrong.yaml"), "server:\n  prot: 1\n");
        assertThat(refusal("up", "--data", file.toString())).contains("a file of that name is in the way");
        assertThat(refusal("up", "--config", wrong.toString())).contains("wrong.yaml:2:3", "Did you mean port?");
        assertThat(refusal("check-config", wrong.toString())).contains("wrong.yaml:2:3", "Did you mean port?");
        assertThat(refusal("run", "cache")).contains("needs redis.url");
        assertThat(refusal("keys", "list", "--url", "http://127.0.0.1:1")).contains("There is no admin key");
        assertThat(ofThisFolder()).isEmpty();
    }

    private ChildJvm up() {
        ChildJvm child = start("up", "--port", "0");
        child.awaitLine("curl -s http", LIMIT);
        return child;
    }

    private String refusal(String... arguments) {
        ChildJvm child = start(arguments);
        assertThat(child.awaitExit(LIMIT)).as(child.output()).isEqualTo(1);
        assertThat(child.output().lines()).hasSize(1);
        return child.output();
    }

    private String keys(String... arguments) {
        List<String> all = new ArrayList<>(List.of("keys"));
        all.addAll(List.of(arguments));
        ChildJvm child = start(all.toArray(String[]::new));
        assertThat(child.awaitExit(LIMIT)).as(child.output()).isZero();
        return child.output();
    }

    private ChildJvm start(String... arguments) {
        ChildJvm child = ChildJvm.of(Main.class)
                .jvm("-XX:TieredStopAtLevel=1")
                .arguments(arguments)
                .environment("PENSTOCK_DATA", folder.resolve("data").toString())
                .environment("PENSTOCK_SERVER_MANAGEMENT_PORT", "0")
                .environment("ANTHROPIC_API_KEY", "")
                .start();
        children.add(child);
        return child;
    }

    /** Servers and all else that has this test's folder in its command line. */
    private List<String> ofThisFolder() {
        return ProcessHandle.allProcesses()
                .filter(process -> process.pid() != ProcessHandle.current().pid())
                .flatMap(process -> process.info().commandLine().stream())
                .filter(line -> line.contains(folder.toString()))
                .toList();
    }

    private int embed(String key) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url() + "/v1/embeddings"))
                .timeout(LIMIT)
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"model\":\"sandbox-embed\",\"input\":\"water\"}"))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private String url() {
        return read("gateway.url");
    }

    private String key() {
        return read("admin.key");
    }

    private String read(String name) {
        try {
            return Files.readString(folder.resolve("data").resolve(name)).strip();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
