package dev.penstock.sandbox;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Answers requests whose body has been read. Separate from {@link SandboxServer} so that a test server can
 * answer some calls by a script and leave the rest to the sandbox. One event loop only; the behaviour and the
 * counters may be touched from any thread.
 */
public final class SandboxService {
    private static final String MODELS = "/v1/models";

    private final Vertx vertx;
    private final SandboxCounters counters = new SandboxCounters();
    private final ServiceSlots slots;
    private final SplittableRandom dice;
    private final long created = Instant.now().getEpochSecond();
    private volatile Behaviour behaviour;
    private long lastId;

    /** Starts with the behaviour and the dice of the options. */
    public SandboxService(Vertx vertx, SandboxOptions options) {
        this.vertx = vertx;
        this.behaviour = options.behaviour();
        this.dice = new SplittableRandom(options.seed());
        this.slots = new ServiceSlots(vertx, this::behaviour);
    }

    /** What holds for the next call. */
    public Behaviour behaviour() {
        return behaviour;
    }

    /** Sets what holds from the next call on. */
    public void behave(Behaviour next) {
        behaviour = next;
    }

    SandboxCounters counters() {
        return counters;
    }

    /** Answers the request, now or after its service time; never throws for what a caller can send. */
    public void handle(HttpServerRequest request, Buffer body) {
        try {
            route(request, body);
        } catch (WireFault fault) {
            boolean anthropic = path(request).startsWith("/v1/messages");
            Answers.fault(request.response(), anthropic ? fault.asAnthropic() : fault, behaviour.retryAfterMs());
        }
    }

    /** Answers 413 in OpenAI's form. */
    static void tooLarge(HttpServerRequest request) {
        String message = "The request body is larger than " + SandboxOptions.MAX_BODY_BYTES + " bytes.";
        Answers.fault(request.response(), new WireFault(413, "request_too_large", message), 0);
    }

    private void route(HttpServerRequest request, Buffer body) {
        boolean post = request.method().equals(HttpMethod.POST);
        String path = path(request);
        if (post && work(request, path, body)) {
            return;
        }
        if (path.startsWith("/sandbox/")) {
            control(request, body);
        } else if (!post && path.startsWith(MODELS)) {
            models(request, path);
        } else if (path.equals("/health")) {
            Answers.json(request.response(), new JsonObject().put("status", "ok"));
        } else {
            throw new WireFault(404, "not_found", "The sandbox has no " + request.method() + " " + path + ".");
        }
    }

    /** The {@code *} of OPTIONS has no path. */
    private static String path(HttpServerRequest request) {
        String path = request.path();
        return path == null ? "" : path;
    }

    private void embeddings(HttpServerRequest request, JsonObject body) {
        EmbeddingsEndpoint.Request call = EmbeddingsEndpoint.read(model(body, Endpoint.EMBEDDINGS), body);
        Exchange exchange = new Exchange(request, counters, Endpoint.EMBEDDINGS, call.items());
        serve(exchange, behaviour.serviceTime(call.items()), () -> exchange.answer(call.answer()));
    }

    private void classify(HttpServerRequest request, JsonObject body) {
        ClassifyEndpoint.Request call = ClassifyEndpoint.read(model(body, Endpoint.CLASSIFY), body);
        Exchange exchange = new Exchange(request, counters, Endpoint.CLASSIFY, call.items());
        String id = nextId("classify-sandbox-");
        serve(
                exchange,
                behaviour.serviceTime(call.items()),
                () -> exchange.answer(call.answer(id, Instant.now().getEpochSecond())));
    }

    private boolean work(HttpServerRequest request, String path, Buffer body) {
        switch (path) {
            case "/v1/embeddings" -> embeddings(request, object(body));
            case "/v1/chat/completions" -> generate(request, Endpoint.CHAT, object(body));
            case "/v1/completions" -> generate(request, Endpoint.COMPLETIONS, object(body));
            case "/v1/responses" -> generate(request, Endpoint.RESPONSES, object(body));
            case "/v1/messages" -> generate(request, Endpoint.MESSAGES, object(body));
            case "/v1/messages/count_tokens" -> countTokens(request, object(body));
            case "/v1/moderations" -> moderations(request, object(body));
            case "/v1/rerank" -> rerank(request, object(body));
            case "/v1/classify" -> classify(request, object(body));
            default -> {
                return false;
            }
        }
        return true;
    }

    private void generate(HttpServerRequest request, Endpoint endpoint, JsonObject body) {
        Behaviour now = behaviour;
        String model = model(body, endpoint);
        ChatRequest call = switch (endpoint) {
            case COMPLETIONS -> CompletionsEndpoint.read(model, body, now);
            case RESPONSES -> ResponsesEndpoint.read(model, body, now);
            case MESSAGES -> MessagesEndpoint.read(model, body, now);
            default -> ChatRequest.read(model, body, now);
        };
        Exchange exchange = new Exchange(request, counters, endpoint, 1);
        String id = nextId(
                switch (endpoint) {
                    case COMPLETIONS -> "cmpl-sandbox-";
                    case RESPONSES -> "resp_sandbox_";
                    case MESSAGES -> "msg_sandbox_";
                    default -> "chatcmpl-sandbox-";
                });
        long at = Instant.now().getEpochSecond();
        if (call.stream()) {
            StreamFrames frames = switch (endpoint) {
                case RESPONSES -> new ResponsesEndpoint.Frames(call, id, at);
                case MESSAGES -> new MessagesEndpoint.Frames(call, id);
                default -> new ChoiceFrames(call, endpoint == Endpoint.CHAT, id, at);
            };
            ChatStream stream = new ChatStream(vertx, exchange, counters, call, frames, now.tokensPerSecond());
            serve(exchange, now.serviceTime(1), stream::start);
            return;
        }
        serve(exchange, now.serviceTime(1).plus(generation(call, now)), () -> {
            counters.generated(call.completionTokens());
            JsonObject answer = switch (endpoint) {
                case COMPLETIONS -> CompletionsEndpoint.whole(call, id, at);
                case RESPONSES -> ResponsesEndpoint.response(call, id, at, "completed");
                case MESSAGES -> MessagesEndpoint.whole(call, id);
                default -> call.whole(id, at);
            };
            exchange.answer(answer.toBuffer());
        });
    }

    private void countTokens(HttpServerRequest request, JsonObject body) {
        ChatRequest call = ChatRequest.read(model(body, Endpoint.MESSAGES), body, behaviour);
        Answers.json(request.response(), new JsonObject().put("input_tokens", call.promptTokens()));
    }

    private void moderations(HttpServerRequest request, JsonObject body) {
        String model = model(body, Endpoint.MODERATIONS);
        List<String> texts = ModerationsEndpoint.read(body);
        Exchange exchange = new Exchange(request, counters, Endpoint.MODERATIONS, texts.size());
        String id = nextId("modr-sandbox-");
        serve(
                exchange,
                behaviour.serviceTime(texts.size()),
                () -> exchange.answer(ModerationsEndpoint.answer(model, texts, id)));
    }

    private void rerank(HttpServerRequest request, JsonObject body) {
        RerankEndpoint.Request call = RerankEndpoint.read(model(body, Endpoint.RERANK), body);
        Exchange exchange = new Exchange(
                request, counters, Endpoint.RERANK, call.documents().size());
        String id = nextId("rerank-sandbox-");
        serve(
                exchange,
                behaviour.serviceTime(call.documents().size()),
                () -> exchange.answer(RerankEndpoint.answer(call, id)));
    }

    private static Duration generation(ChatRequest call, Behaviour now) {
        return now.tokensPerSecond() == 0
                ? Duration.ZERO
                : Duration.ofNanos((long) (call.tokensPerChoice() * 1e9 / now.tokensPerSecond()));
    }

    private void serve(Exchange exchange, Duration time, Runnable work) {
        Behaviour now = behaviour;
        if (happens(now.stallRate())) {
            counters.stall();
        } else if (happens(now.errorRate())) {
            WireFault fault = new WireFault(now.errorStatus(), "sandbox_error", "The sandbox was told to fail.");
            slots.serve(exchange, time, () -> exchange.fail(fault, now.retryAfterMs()));
        } else {
            slots.serve(exchange, time, work);
        }
    }

    private boolean happens(double rate) {
        return rate > 0 && dice.nextDouble() < rate;
    }

    private String nextId(String prefix) {
        return prefix + ++lastId;
    }

    private void models(HttpServerRequest request, String path) {
        JsonArray data = new JsonArray();
        for (String name :
                Arrays.stream(Endpoint.values()).map(Endpoint::model).distinct().toList()) {
            JsonObject model = new JsonObject()
                    .put("id", name)
                    .put("object", "model")
                    .put("created", created)
                    .put("owned_by", "penstock-sandbox");
            if (path.equals(MODELS + "/" + name)) {
                Answers.json(request.response(), model);
                return;
            }
            data.add(model);
        }
        if (!path.equals(MODELS)) {
            throw unknownModel(path.substring(MODELS.length() + 1));
        }
        Answers.json(request.response(), new JsonObject().put("object", "list").put("data", data));
    }

    private void control(HttpServerRequest request, Buffer body) {
        boolean stats = path(request).equals("/sandbox/stats");
        if (!stats && !path(request).equals("/sandbox/behaviour")) {
            throw new WireFault(404, "not_found", "The sandbox has /sandbox/stats and /sandbox/behaviour.");
        }
        if (stats && request.method().equals(HttpMethod.DELETE)) {
            counters.reset();
        }
        if (!stats && request.method().equals(HttpMethod.POST)) {
            try {
                behaviour = behaviour.merge(object(body));
            } catch (IllegalArgumentException e) {
                throw WireFault.badRequest(String.valueOf(e.getMessage()));
            }
        }
        JsonObject current = behaviour.toJson();
        Answers.json(request.response(), stats ? counters.toJson().put("behaviour", current) : current);
    }

    private static JsonObject object(Buffer body) {
        try {
            return body.toJsonObject();
        } catch (DecodeException | ClassCastException _) {
            throw WireFault.badRequest("The request body is not a JSON object.");
        }
    }

    private static String model(JsonObject body, Endpoint endpoint) {
        String model = Fields.text(body, "model", "");
        if (model.isEmpty()) {
            throw WireFault.badRequest("model is missing.");
        }
        if (!model.startsWith(endpoint.model())) {
            throw unknownModel(model);
        }
        return model;
    }

    private static WireFault unknownModel(String model) {
        return new WireFault(404, "model_not_found", "The model " + model + " does not exist in the sandbox here.");
    }
}
