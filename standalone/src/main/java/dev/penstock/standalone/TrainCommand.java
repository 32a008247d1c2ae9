package dev.penstock.standalone;

import dev.penstock.common.config.ConfigLoader;
import dev.penstock.common.config.PenstockConfig;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code penstock train}: one short life of the whole, on data of its own, so that the JVM can write down which classes
 * it needs. The script runs it once per build, for its AOT cache.
 */
@Command(name = "train", hidden = true, mixinStandardHelpOptions = true)
final class TrainCommand implements Callable<Integer> {
    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final Duration CALL_LIMIT = Duration.ofSeconds(10);
    private static final int ROUNDS = 20;

    private final Main main;

    @Option(names = "--data", required = true, paramLabel = "DIR", description = "Folder to be thrown away.")
    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    private Path data;

    private volatile boolean walked;

    TrainCommand(Main main) {
        this.main = main;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        PenstockConfig config = ConfigLoader.defaults();
        // Whatever else runs here must not matter, least of all another Penstock.
        config = Configs.withServer(config, Configs.anywhere(config.server()));
        Future<App> starting = App.start(AppOptions.standalone(config, data).fleeting());
        // The script ends a training that takes too long, and so may a person; the servers must not stay behind.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> abandon(starting), "shutdown"));
        App app = Blocking.await(starting, START_LIMIT, "Starting");
        try (HttpClient client = HttpClient.newHttpClient()) {
            Caller caller = new Caller(
                    client,
                    "http://127.0.0.1:" + app.config().server().port(),
                    app.config().auth().adminKey().reveal());
            for (int i = 0; i < ROUNDS; i++) {
                caller.get("/health/simple");
                caller.get("/v1/models");
                caller.post("/v1/embeddings", "{\"model\":\"sandbox-embed\",\"input\":[\"water\",\"" + i + "\"]}");
            }
            caller.post("/v1/chat/completions", chat(false));
            caller.post("/v1/chat/completions", chat(true));
            caller.get("/dashboard");
            caller.get("/api/performance/metrics");
        } finally {
            stop(starting);
            walked = true;
        }
        main.console().say("trained");
        return 0;
    }

    /** When it is ended from outside: without halt the JVM would go on for long, to write what it has learnt so far. */
    private void abandon(Future<App> starting) {
        if (!walked) {
            stop(starting);
            Runtime.getRuntime().halt(1);
        }
    }

    private static void stop(Future<App> starting) {
        Blocking.await(starting.compose(App::stop).otherwiseEmpty(), START_LIMIT, "Stopping");
    }

    private static String chat(boolean stream) {
        return "{\"model\":\"sandbox-chat\",\"stream\":" + stream
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";
    }

    /** Answers do not matter here, only that the way to them was walked. */
    private record Caller(HttpClient client, String url, String key) {
        void get(String path) throws IOException, InterruptedException {
            send(request(path).GET());
        }

        void post(String path, String body) throws IOException, InterruptedException {
            send(request(path).POST(BodyPublishers.ofString(body)));
        }

        private HttpRequest.Builder request(String path) {
            return HttpRequest.newBuilder(URI.create(url + path))
                    .timeout(CALL_LIMIT)
                    .header("Authorization", "Bearer " + key)
                    .header("Content-Type", "application/json");
        }

        private void send(HttpRequest.Builder request) throws IOException, InterruptedException {
            client.send(request.build(), BodyHandlers.discarding());
        }
    }
}
