package dev.penstock.testkit;

import dev.penstock.sandbox.Behaviour;
import dev.penstock.sandbox.SandboxOptions;
import dev.penstock.sandbox.SandboxService;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * An OpenAI-compatible backend that a test scripts call by call; what has no script is answered by the
 * sandbox without think time. Order: the poison, replies given to {@link #next}, the function given to {@link
 * #answer}, the sandbox. Only POST requests are scripted and recorded. Any thread.
 */
public final class ModelServer {
    private static final int MOST_RECORDED = 100_000;

    private final Vertx vertx;
    private final Loop loop;
    private final String deployment;

    private ModelServer(Vertx vertx, Loop loop, String deployment) {
        this.vertx = vertx;
        this.loop = loop;
        this.deployment = deployment;
    }

    /** Starts one on a free port of loopback. */
    public static Future<ModelServer> start(Vertx vertx) {
        Loop loop = new Loop(new SandboxService(vertx, SandboxOptions.DEFAULTS.withBehaviour(Behaviour.INSTANT)));
        return vertx.deployVerticle(loop).map(id -> new ModelServer(vertx, loop, id));
    }

    /** Its port. */
    public int port() {
        return loop.port;
    }

    /** {@code http://127.0.0.1:port/v1}. */
    public String baseUrl() {
        return "http://127.0.0.1:" + port() + "/v1";
    }

    /** Adds replies for the next calls, one each. */
    public ModelServer next(Reply... replies) {
        loop.script.addAll(Arrays.asList(replies));
        return this;
    }

    /** Decides for every call for which {@link #next} left nothing. */
    public ModelServer answer(Function<Received, Reply> decision) {
        loop.decision = decision;
        return this;
    }

    /** Every call whose body contains the text fails with 400; empty for none. */
    public ModelServer poison(String marker) {
        loop.poison = marker;
        return this;
    }

    /** How the sandbox behaves where it answers. */
    public ModelServer behave(Behaviour behaviour) {
        loop.sandbox.behave(behaviour);
        return this;
    }

    /** Calls in order of arrival. */
    public List<Received> received() {
        return List.copyOf(loop.received);
    }

    /** Number of calls. */
    public int calls() {
        return loop.received.size();
    }

    /** Scripted calls whose caller hung up before the answer was complete. */
    public int hangUps() {
        return loop.hangUps.get();
    }

    /** Forgets calls, scripts and the poison. */
    public ModelServer reset() {
        loop.received.clear();
        loop.script.clear();
        loop.hangUps.set(0);
        loop.poison = "";
        loop.decision = _ -> Reply.sandbox();
        loop.sandbox.behave(Behaviour.INSTANT);
        return this;
    }

    /** Stops listening and closes all connections. */
    public Future<Void> close() {
        return vertx.undeploy(deployment);
    }

    /**
     * One call.
     *
     * @param atNanos when its body was complete, by {@link System#nanoTime}
     */
    public record Received(String path, MultiMap headers, String body, long atNanos) {
        /** The body as JSON. */
        public JsonObject json() {
            return new JsonObject(body);
        }

        /** The value of a header, empty if it is not there. */
        public String header(String name) {
            String value = headers.get(name);
            return value == null ? "" : value;
        }
    }

    private static final class Loop extends VerticleBase {
        private final SandboxService sandbox;
        private final Deque<Received> received = new ConcurrentLinkedDeque<>();
        private final Deque<Reply> script = new ConcurrentLinkedDeque<>();
        private final AtomicInteger hangUps = new AtomicInteger();
        private volatile Function<Received, Reply> decision = _ -> Reply.sandbox();
        private volatile String poison = "";
        private volatile int port;

        Loop(SandboxService sandbox) {
            this.sandbox = sandbox;
        }

        @Override
        public Future<?> start() {
            return vertx.createHttpServer(
                            new HttpServerOptions().setHost("127.0.0.1").setPort(0))
                    .requestHandler(request -> request.body().onSuccess(body -> handle(request, body)))
                    .listen()
                    .onSuccess(server -> port = server.actualPort());
        }

        private void handle(HttpServerRequest request, Buffer body) {
            boolean scripted = request.method().name().equals("POST")
                    && String.valueOf(request.path()).startsWith("/v1");
            if (!scripted) {
                sandbox.handle(request, body);
                return;
            }
            Received call = new Received(
                    String.valueOf(request.path()),
                    request.headers(),
                    body.toString(StandardCharsets.UTF_8),
                    System.nanoTime());
            if (received.size() >= MOST_RECORDED) {
                received.pollFirst();
            }
            received.add(call);
            perform(request, body, replyTo(call));
        }

        private Reply replyTo(Received call) {
            if (!poison.isEmpty() && call.body().contains(poison)) {
                return Reply.error(400, "invalid_input", "The input contains " + poison + ".");
            }
            Reply next = script.poll();
            return next != null ? next : decision.apply(call);
        }

        private void perform(HttpServerRequest request, Buffer body, Reply reply) {
            HttpServerResponse response = request.response();
            switch (reply) {
                case Reply.Sandbox _ -> sandbox.handle(request, body);
                case Reply.Stall _ -> countHangUp(response);
                case Reply.HangUp _ -> request.connection().close();
                case Reply.Delayed(var delay, var then) -> {
                    countHangUp(response);
                    vertx.setTimer(Math.max(1, delay.toMillis()), _ -> {
                        if (!response.closed()) {
                            perform(request, body, then);
                        }
                    });
                }
                case Reply.Whole whole -> write(request, whole);
                case Reply.Stream stream -> {
                    if (!stream.cut()) {
                        countHangUp(response);
                    }
                    response.setChunked(true).putHeader("content-type", "text/event-stream; charset=utf-8");
                    frame(request, stream, 0);
                }
            }
        }

        private void countHangUp(HttpServerResponse response) {
            response.exceptionHandler(_ -> {});
            response.closeHandler(_ -> {
                if (!response.ended()) {
                    hangUps.incrementAndGet();
                }
            });
        }

        private static void write(HttpServerRequest request, Reply.Whole whole) {
            HttpServerResponse response = request.response().setStatusCode(whole.status());
            whole.headers().forEach(response::putHeader);
            Buffer bytes = Buffer.buffer(whole.body());
            if (whole.cutAfter() == Reply.Whole.COMPLETE) {
                response.end(bytes);
                return;
            }
            response.putHeader("content-length", Integer.toString(bytes.length()));
            response.write(bytes.slice(0, Math.min(whole.cutAfter(), bytes.length())))
                    .onComplete(_ -> request.connection().close());
        }

        private void frame(HttpServerRequest request, Reply.Stream stream, int index) {
            HttpServerResponse response = request.response();
            if (response.closed()) {
                return;
            }
            if (index == stream.frames().size()) {
                if (stream.cut()) {
                    request.connection().close();
                } else {
                    response.end();
                }
                return;
            }
            response.write(stream.frames().get(index) + "\n\n").onSuccess(_ -> {
                long gap = stream.gap().toMillis();
                if (gap == 0) {
                    frame(request, stream, index + 1);
                } else {
                    vertx.setTimer(gap, _ -> frame(request, stream, index + 1));
                }
            });
        }
    }
}
