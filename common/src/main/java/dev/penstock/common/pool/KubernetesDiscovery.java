package dev.penstock.common.pool;

import dev.penstock.common.config.DiscoveryConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.parsetools.RecordParser;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Instances from the EndpointSlices of a Kubernetes service: listed once, then watched from that version on. A watch that
 * ends is resumed where it was; if the server has forgotten that version (410) all is listed anew. The token is read each
 * time, since Kubernetes renews it. While the API is away the instances found last stay.
 */
final class KubernetesDiscovery implements Discovery {
    private static final Logger log = LoggerFactory.getLogger(KubernetesDiscovery.class);
    private static final int LARGEST_EVENT = 8 * 1024 * 1024;
    private static final long LIST_MILLIS = 10_000;
    /** The server ends a watch after that, and a dead connection is found out soon after. */
    private static final int WATCH_SECONDS = 240;

    private final Vertx vertx;
    private final DiscoveryConfig config;
    private final EndpointSlices slices;
    private volatile @Nullable HttpClient client;
    private volatile @Nullable HttpClientRequest watching;
    private volatile @Nullable String problem;
    private volatile boolean stopped;
    private String version = "";
    private @Nullable List<Instance> last;

    KubernetesDiscovery(Vertx vertx, DiscoveryConfig config) {
        this.vertx = vertx;
        this.config = config;
        this.slices = new EndpointSlices(config);
    }

    @Override
    public void start(Consumer<List<Instance>> found) {
        vertx.runOnContext(v -> vertx.fileSystem()
                .exists(config.credentials() + "/ca.crt")
                .onComplete(there -> {
                    if (!stopped) {
                        client = client(there.succeeded() && there.result());
                        list(found);
                    }
                }));
    }

    @Override
    public void stop() {
        stopped = true;
        endWatch();
        HttpClient open = client;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public @Nullable String problem() {
        return problem;
    }

    private void endWatch() {
        HttpClientRequest held = watching;
        if (held != null) {
            held.reset();
        }
    }

    private HttpClient client(boolean ownAuthority) {
        HttpClientOptions options = new HttpClientOptions()
                .setConnectTimeout(5_000)
                .setReadIdleTimeout(WATCH_SECONDS + 30)
                .setMaxHeaderSize(64 * 1024);
        if (ownAuthority) {
            options.setTrustOptions(new PemTrustOptions().addCertPath(config.credentials() + "/ca.crt"));
        }
        return vertx.createHttpClient(options);
    }

    private void list(Consumer<List<Instance>> found) {
        request("")
                .compose(request -> request.send())
                .compose(response -> response.statusCode() == 200
                        ? response.body()
                        : Future.failedFuture("status " + response.statusCode()))
                .timeout(LIST_MILLIS, TimeUnit.MILLISECONDS)
                .map(this::listed)
                .onSuccess(done -> {
                    tell(found);
                    watch(found);
                })
                .onFailure(e -> again(e, found));
    }

    private Void listed(Buffer body) {
        JsonObject list = body.toJsonObject();
        JsonArray items = list.getJsonArray("items", new JsonArray());
        slices.clear();
        for (int i = 0; i < items.size(); i++) {
            slices.put(items.getJsonObject(i));
        }
        version = list.getJsonObject("metadata", new JsonObject()).getString("resourceVersion", "");
        return null;
    }

    private void watch(Consumer<List<Instance>> found) {
        if (stopped) {
            return;
        }
        request("&watch=1&allowWatchBookmarks=true&timeoutSeconds=" + WATCH_SECONDS + "&resourceVersion=" + version)
                .compose(request -> {
                    watching = request;
                    return request.send();
                })
                .onSuccess(response -> {
                    if (response.statusCode() == 410) {
                        response.end();
                        list(found);
                    } else if (response.statusCode() != 200) {
                        response.end();
                        again(new IllegalStateException("status " + response.statusCode()), found);
                    } else {
                        problem = null;
                        Events events = new Events(found);
                        RecordParser lines = RecordParser.newDelimited("\n", events::line);
                        lines.maxRecordSize(LARGEST_EVENT);
                        lines.exceptionHandler(events::broken);
                        response.handler(lines);
                        response.exceptionHandler(events::broken);
                        response.endHandler(v -> events.ended());
                    }
                })
                .onFailure(e -> again(e, found));
    }

    /** One watch, from its first event to its end. */
    private final class Events {
        private final Consumer<List<Instance>> found;
        private boolean over;

        private Events(Consumer<List<Instance>> found) {
            this.found = found;
        }

        void line(Buffer line) {
            if (over || stopped || line.length() == 0) {
                return;
            }
            try {
                event(line.toJsonObject());
            } catch (DecodeException | ClassCastException e) {
                broken(e);
            }
        }

        /** The server ends each watch in the end: on from where it was. */
        void ended() {
            if (!over) {
                over = true;
                // Not at once: a server that ends every watch immediately is not to be asked in a loop.
                vertx.setTimer(Math.max(1, config.interval().toMillis() / 5), id -> watch(found));
            }
        }

        void broken(Throwable cause) {
            if (!over) {
                over = true;
                endWatch();
                again(cause, found);
            }
        }

        private void event(JsonObject event) {
            JsonObject object = event.getJsonObject("object", new JsonObject());
            switch (event.getString("type", "")) {
                case "ADDED", "MODIFIED" -> slices.put(object);
                case "DELETED" -> slices.remove(object);
                case "ERROR" -> {
                    over = true;
                    endWatch();
                    if (object.getInteger("code", 0) == 410) {
                        list(found);
                    } else {
                        again(new IllegalStateException(object.getString("message", "an error")), found);
                    }
                    return;
                }
                default -> {
                    // A bookmark: only the version has moved.
                }
            }
            JsonObject metadata = object.getJsonObject("metadata", new JsonObject());
            version = metadata.getString("resourceVersion", version);
            tell(found);
        }
    }

    private void tell(Consumer<List<Instance>> found) {
        problem = null;
        List<Instance> now = slices.instances();
        if (!now.equals(last)) {
            last = now;
            found.accept(now);
        }
    }

    /** From the list on: what changed in between would be missing otherwise. */
    private void again(Throwable cause, Consumer<List<Instance>> found) {
        if (stopped) {
            return;
        }
        if (problem == null) {
            log.warn(
                    "the endpoints of {} cannot be read: {}; those found before stay", config.name(), cause.toString());
        }
        problem = "the endpoints of " + config.name() + " cannot be read from Kubernetes";
        vertx.setTimer(config.interval().toMillis(), id -> list(found));
    }

    private Future<HttpClientRequest> request(String query) {
        HttpClient open = client;
        if (open == null || stopped) {
            return Future.failedFuture("stopped");
        }
        String selector = URLEncoder.encode("kubernetes.io/service-name=" + config.name(), StandardCharsets.UTF_8);
        String url = config.apiServer() + "/apis/discovery.k8s.io/v1/namespaces/"
                + URLEncoder.encode(config.namespace(), StandardCharsets.UTF_8) + "/endpointslices?labelSelector="
                + selector + query;
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setAbsoluteURI(url)
                .putHeader("accept", "application/json");
        return vertx.fileSystem()
                .readFile(config.credentials() + "/token")
                .map(token -> options.putHeader(
                        "authorization", "Bearer " + token.toString().strip()))
                .otherwise(options)
                .compose(open::request);
    }
}
