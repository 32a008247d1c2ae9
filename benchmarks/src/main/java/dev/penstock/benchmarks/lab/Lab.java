package dev.penstock.benchmarks.lab;

import dev.penstock.benchmarks.load.Shot;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The stand that bars are measured on: Penstock, a backend without think time, one that costs 20 ms + 1 ms·n, and what
 * Penstock is compared with. Closing it stops everything that was started. Blocks; one thread.
 */
public final class Lab implements AutoCloseable {
    /** Milliseconds that a call of the costed backend takes, and each item more. */
    public static final double CALL_MILLIS = 20;

    public static final double ITEM_MILLIS = 1;
    /** Items in one merged call. */
    public static final int BATCH = 32;

    private static final long START_SECONDS = 30;
    public static final String HEALTH = "/health/simple";
    /** Headers that belong to a connection, not to an answer. */
    private static final Set<String> NOT_COPIED = Set.of("content-length", "connection", "transfer-encoding");

    private final Path folder;
    private final Cores cores;
    private final Api api = new Api();
    private final Deque<AutoCloseable> running = new ArrayDeque<>();
    private final String adminKey = "bench-" + UUID.randomUUID();
    private final Penstock.Setup setup;
    private final Sandbox instant;
    private final Sandbox costed;
    private final String config;
    private @Nullable Penstock penstock;
    private final String key;
    private int bare;

    private Lab(Path script, Path folder, Cores cores, String flags) throws IOException {
        this.folder = folder;
        this.cores = cores;
        this.setup = new Penstock.Setup(script, folder, cores, flags, adminKey, Ports.free(), api);
        JsonObject behaviour = new JsonObject().put("tokens_per_second", 0);
        try {
            instant = keep(Sandbox.start(
                    folder,
                    "instant",
                    cores,
                    api,
                    behaviour.copy().put("base_ms", 0).put("per_item_ms", 0)));
            costed = keep(Sandbox.start(
                    folder,
                    "costed",
                    cores,
                    api,
                    behaviour
                            .put("base_ms", CALL_MILLIS)
                            .put("per_item_ms", ITEM_MILLIS)
                            .put("slots", 1)));
            config = config(instant.port(), costed.port());
            penstock = setup.start(config);
            penstock().awaitAnswer("GET", HEALTH, Map.of(), "");
            key = penstock().unlimitedKey(adminKey);
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /**
     * Starts the backends and Penstock.
     *
     * @param script the command that starts Penstock
     * @param flags more flags for Penstock's JVM
     */
    public static Lab open(Path script, Path folder, Cores cores, String flags) throws IOException {
        return new Lab(script, folder, cores, flags);
    }

    public Api api() {
        return api;
    }

    public Cores cores() {
        return cores;
    }

    public Penstock penstock() {
        return Objects.requireNonNull(penstock, "not started");
    }

    /** Answers at once. */
    public Sandbox instant() {
        return instant;
    }

    /** Takes 20 ms + 1 ms·n and does one call at a time. */
    public Sandbox costed() {
        return costed;
    }

    /** With a key that no limit holds for. */
    public Map<String, String> credentials() {
        return Map.of("Authorization", "Bearer " + key);
    }

    /** A request to Penstock's gateway under the unlimited key. */
    public Shot shot(String path, String body) {
        return Shot.post(penstock().port(), path, credentials(), body);
    }

    /** Stops Penstock and starts it again on the same data; seconds from start to the answer. */
    public double restart(String path, String body) throws IOException {
        List<String> line = penstock().line();
        penstock().close();
        penstock = setup.again(line);
        return penstock().awaitAnswer(path.equals(HEALTH) ? "GET" : "POST", path, credentials(), body);
    }

    /** Penstock's server for this request. */
    public Server own(Shot shot) {
        return new Server(shot, penstock().handle());
    }

    /** A bare Vert.x server that answers as Penstock answers {@code shot} now. */
    public Server bare(Shot shot) throws IOException {
        HttpResponse<byte[]> answer = api.call("POST", shot.port(), shot.path(), shot.headers(), shot.body());
        if (answer.statusCode() != 200) {
            throw new IOException("Penstock answers " + answer.statusCode() + " to " + shot.body());
        }
        int number = ++bare;
        Path body = Files.write(folder.resolve("bare-" + number + ".body"), answer.body());
        JsonObject headers = new JsonObject();
        answer.headers().map().forEach((name, values) -> {
            if (!NOT_COPIED.contains(name.toLowerCase(Locale.ROOT))) {
                headers.put(name, values.getFirst());
            }
        });
        Path head = Files.writeString(folder.resolve("bare-" + number + ".json"), headers.encode());
        return server(BareServer.class, "bare-" + number, shot, List.of(body.toString(), head.toString()));
    }

    /** A bare Vert.x proxy before the instant backend. */
    public Server bareProxy(Shot shot) throws IOException {
        return server(BareProxy.class, "proxy", shot, List.of(Integer.toString(instant.port())));
    }

    /** nginx before the instant backend. */
    public Server nginx(Shot shot) throws IOException {
        Nginx nginx = keep(Nginx.start(folder, cores, instant.port()));
        return new Server(shot.to(nginx.port()), nginx.handle());
    }

    /** The instant backend itself. */
    public Server direct(Shot shot) {
        return new Server(shot.to(instant.port()), instant.handle());
    }

    private Server server(Class<?> main, String name, Shot shot, List<String> arguments) throws IOException {
        int port = Ports.free();
        List<String> all = new ArrayList<>(arguments);
        all.add(Integer.toString(port));
        Child child = keep(Child.start(
                Child.java(cores.server(), List.of("-Xmx256m"), main.getName(), all),
                Map.of(),
                folder.resolve(name + ".log")));
        child.awaitPort(port, START_SECONDS);
        return new Server(shot.to(port), child.handle());
    }

    private <T extends AutoCloseable> T keep(T started) {
        running.push(started);
        return started;
    }

    @Override
    public void close() {
        Penstock last = penstock;
        if (last != null) {
            last.close();
        }
        while (!running.isEmpty()) {
            try {
                running.pop().close();
            } catch (Exception e) {
                org.slf4j.LoggerFactory.getLogger(Lab.class).warn("not stopped", e);
            }
        }
        api.close();
    }

    private static String config(int instant, int costed) {
        return """
            server:
              management-port: 0
            models:
              - name: sandbox-chat
                operations: [chat]
                instances: [{name: instant, url: "http://127.0.0.1:%1$d/v1", max-concurrency: 1000}]
              - name: sandbox-embed
                operations: [embeddings]
                instances: [{name: instant, url: "http://127.0.0.1:%1$d/v1", max-concurrency: 1000}]
              - name: embed-merged
                operations: [embeddings]
                max-items: %3$d
                instances: [{name: costed, url: "http://127.0.0.1:%2$d/v1", model: sandbox-embed}]
              - name: embed-single
                operations: [embeddings]
                max-items: 1
                instances: [{name: costed, url: "http://127.0.0.1:%2$d/v1", model: sandbox-embed}]
              - name: chat-costed
                operations: [chat]
                instances: [{name: costed, url: "http://127.0.0.1:%2$d/v1", model: sandbox-chat}]
            """.formatted(instant, costed, BATCH);
    }
}
