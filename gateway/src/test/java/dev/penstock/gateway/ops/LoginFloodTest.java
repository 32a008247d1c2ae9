package dev.penstock.gateway.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.testkit.Await;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logins cost a good part of a second each, by design: many at once must hurt nobody else, and guessing must not pay. */
class LoginFloodTest {
    private static final String[] ADMIN = OpsServer.bearer(OpsServer.ADMIN_KEY);
    private static final String PASSWORD = "correct horse battery";

    @TempDir
    Path folder;

    private OpsServer server;

    @BeforeEach
    void start() {
        server = new OpsServer(folder);
        HttpResponse<String> made =
                server.send("POST", "/api/admin/users", "{\"name\":\"ann\",\"password\":\"" + PASSWORD + "\"}", ADMIN);
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void ofAHundredAtOnceEachIsAnsweredAndNobodyElseWaits() throws Exception {
        List<Future<HttpResponse<String>>> answers = new ArrayList<>();
        List<Long> latencies = new ArrayList<>();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 100; i++) {
                answers.add(callers.submit(() -> login("ann", PASSWORD)));
            }
            while (answers.stream().anyMatch(answer -> !answer.isDone()) || latencies.size() < 20) {
                long start = System.nanoTime();
                assertThat(server.get("/health/simple").statusCode()).isEqualTo(200);
                latencies.add(Duration.ofNanos(System.nanoTime() - start).toMillis());
            }
        }
        int good = 0;
        for (Future<HttpResponse<String>> answer : answers) {
            HttpResponse<String> told = answer.get();
            if (told.statusCode() == 200) {
                good++;
            } else {
                assertThat(told.statusCode()).as(told.body()).isEqualTo(503);
                assertThat(told.headers()
                                .firstValue("retry-after")
                                .map(Integer::parseInt)
                                .orElse(0))
                        .isPositive();
            }
        }
        assertThat(good)
                .as("at least as many as may wait")
                .isGreaterThanOrEqualTo(16)
                .isLessThan(100);
        Collections.sort(latencies);
        // A hash on an event loop would hold it for hundreds of milliseconds, for each of the logins.
        assertThat(latencies.get(latencies.size() / 2))
                .as("median of %s", latencies.size())
                .isLessThan(100);
    }

    @Test
    void guessingIsSlowedForTheOneWhoGuessesWhetherTheNameExistsOrNot() {
        for (String name : List.of("ann", "nobody")) {
            for (int i = 0; i < 5; i++) {
                assertThat(login(name, "wrong " + i).statusCode()).isEqualTo(401);
            }
            HttpResponse<String> slowed = login(name, PASSWORD);
            assertThat(slowed.statusCode()).as(slowed.body()).isEqualTo(429);
            assertThat(slowed.headers().firstValue("retry-after")).hasValue("1");
            assertThat(slowed.body()).contains("Too many wrong passwords");
        }
        Await.until(
                "a delay, not a lock",
                Duration.ofSeconds(10),
                () -> login("ann", PASSWORD).statusCode() == 200);
        assertThat(login("ann", "wrong").statusCode())
                .as("the right one ended it")
                .isEqualTo(401);
    }

    @Test
    void anUnknownNameTakesAsLongAsAWrongPassword() {
        List<Long> known = new ArrayList<>();
        List<Long> unknown = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            known.add(time("ann"));
            unknown.add(time("nobody"));
        }
        double ratio = (double) Collections.min(known) / Collections.min(unknown);
        assertThat(ratio).as("%s and %s", known, unknown).isBetween(0.5, 2.0);
    }

    private long time(String name) {
        long start = System.nanoTime();
        HttpResponse<String> answer = login(name, "wrong password");
        assertThat(answer.statusCode()).isEqualTo(401);
        return System.nanoTime() - start;
    }

    private HttpResponse<String> login(String name, String password) {
        return server.send(
                "POST",
                "/api/auth/login",
                new JsonObject().put("name", name).put("password", password).encode());
    }
}
