import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What scripts/compose-smoke needs inside the stack's network: a steady light load, an ear on the alert stream, and a plain
 * call. It uses the JDK alone, so that any image with a JDK can run it.
 *
 * <pre>
 * SmokeClient load BASE KEY PER_SECOND     one line per call, until it is ended: millis kind status took-ms
 * SmokeClient alerts BASE KEY SECONDS      one line per message; exit 0 after an alert has fired and was resolved
 * SmokeClient post URL BODY                prints the answer; exit 0 for 2xx
 * </pre>
 */
public final class SmokeClient {
    /** Calls name a shorter deadline; whatever is not answered by then hangs. */
    private static final Duration GIVE_UP = Duration.ofSeconds(8);

    private static final String DEADLINE_SECONDS = "5";

    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "load" -> load(arguments[1], arguments[2], Integer.parseInt(arguments[3]));
            case "alerts" -> System.exit(alerts(arguments[1], arguments[2], Long.parseLong(arguments[3])) ? 0 : 1);
            case "post" -> System.exit(post(arguments[1], arguments[2]) ? 0 : 1);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static HttpClient client() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(2))
                .build();
    }

    /** Starts calls at a steady pace whatever becomes of the earlier ones: a hang must not hide the next failures. */
    private static void load(String base, String key, int perSecond) throws InterruptedException {
        HttpClient client = client();
        AtomicLong number = new AtomicLong();
        var pace = Executors.newSingleThreadScheduledExecutor();
        var callers = Executors.newVirtualThreadPerTaskExecutor();
        pace.scheduleAtFixedRate(
                () -> callers.submit(() -> call(client, base, key, number.incrementAndGet())),
                0,
                1_000_000 / perSecond,
                TimeUnit.MICROSECONDS);
        pace.awaitTermination(1, TimeUnit.DAYS);
    }

    /** In turn an embedding and a chat, each with a text of its own, so that no cache answers. */
    private static void call(HttpClient client, String base, String key, long number) {
        boolean chat = number % 2 == 0;
        String body = chat
                ? "{\"model\":\"sandbox-chat\",\"max_tokens\":4,\"messages\":[{\"role\":\"user\",\"content\":\"smoke "
                        + number + "\"}]}"
                : "{\"model\":\"sandbox-embed\",\"input\":\"smoke " + number + " of " + Instant.now() + "\"}";
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(base + (chat ? "/v1/chat/completions" : "/v1/embeddings")))
                .timeout(GIVE_UP)
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .header("X-Penstock-Timeout", DEADLINE_SECONDS)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        long begun = System.currentTimeMillis();
        String status;
        try {
            status = String.valueOf(client.send(request, HttpResponse.BodyHandlers.ofString())
                    .statusCode());
        } catch (IOException e) {
            status = e.getClass().getSimpleName();
        } catch (InterruptedException e) {
            return;
        }
        System.out.printf(
                Locale.ROOT,
                "%d %s %s %d%n",
                begun,
                chat ? "chat" : "embedding",
                status,
                System.currentTimeMillis() - begun);
    }

    private static boolean alerts(String base, String key, long seconds) throws Exception {
        CountDownLatch resolved = new CountDownLatch(1);
        client().newWebSocketBuilder()
                .header("Authorization", "Bearer " + key)
                .connectTimeout(Duration.ofSeconds(5))
                .buildAsync(URI.create(base.replaceFirst("^http", "ws") + "/api/alerts/stream"), new Ear(resolved))
                .get(10, TimeUnit.SECONDS);
        return resolved.await(seconds, TimeUnit.SECONDS);
    }

    /** Prints each message whole, with the time; watches for an alert that fires and ends. */
    private static final class Ear implements WebSocket.Listener {
        private final StringBuilder message = new StringBuilder();
        private final CountDownLatch resolved;
        private boolean fired;

        Ear(CountDownLatch resolved) {
            this.resolved = resolved;
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            message.append(data);
            if (last) {
                String text = message.toString();
                message.setLength(0);
                System.out.println(System.currentTimeMillis() + " " + text);
                fired |= text.contains("\"event\":\"firing\"");
                if (fired && text.contains("\"event\":\"resolved\"")) {
                    resolved.countDown();
                }
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            System.out.println(System.currentTimeMillis() + " closed " + code + " " + reason);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            System.out.println(System.currentTimeMillis() + " error " + error);
        }
    }

    private static boolean post(String url, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .timeout(GIVE_UP)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> response = client().send(request, HttpResponse.BodyHandlers.ofString());
        System.out.println(response.statusCode() + " " + response.body());
        return response.statusCode() / 100 == 2;
    }
}
