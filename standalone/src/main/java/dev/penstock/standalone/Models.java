package dev.penstock.standalone;

import dev.penstock.common.config.Api;
import dev.penstock.common.config.Changed;
import dev.penstock.common.config.InstanceConfig;
import dev.penstock.common.config.ModelConfig;
import dev.penstock.common.contract.Operation;
import dev.penstock.common.lifecycle.StartException;
import dev.penstock.common.unit.Secret;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpResponseExpectation;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The models of an installation whose configuration names none: those of the environment's providers, else the sandbox. */
final class Models {
    /** In an instance's URL: the built-in server. */
    static final String SANDBOX = "sandbox";

    private static final Duration CALL_LIMIT = Duration.ofMinutes(10);
    private static final Duration LIST_LIMIT = Duration.ofSeconds(3);
    private static final int WEIGHT = 1;
    private static final int CONCURRENCY = 64;
    private static final String OPENAI_URL = "https://api.openai.com/v1";
    private static final List<String> OPENAI_CHAT =
            List.of("gpt-5", "gpt-5-mini", "gpt-5-nano", "gpt-4.1", "gpt-4.1-mini", "gpt-4o", "gpt-4o-mini");
    private static final List<String> OPENAI_EMBEDDINGS = List.of("text-embedding-3-small", "text-embedding-3-large");

    private static final String OPENAI_MODERATION = "omni-moderation-latest";
    private static final String ANTHROPIC_URL = "https://api.anthropic.com";
    private static final List<String> ANTHROPIC_CHAT =
            List.of("claude-opus-4-1", "claude-sonnet-4-5", "claude-haiku-4-5");
    private static final List<Operation> CHATTING = List.of(Operation.CHAT, Operation.COMPLETIONS, Operation.RESPONSES);

    private Models() {}

    static List<ModelConfig> sandbox() {
        return List.of(
                model("sandbox-chat", CHATTING, SANDBOX, SANDBOX, "", Api.OPENAI),
                model("sandbox-embed", List.of(Operation.EMBEDDINGS), SANDBOX, SANDBOX, "", Api.OPENAI),
                model("sandbox-classify", List.of(Operation.CLASSIFY), SANDBOX, SANDBOX, "", Api.OPENAI),
                model("sandbox-rerank", List.of(Operation.RERANK), SANDBOX, SANDBOX, "", Api.OPENAI),
                model("sandbox-moderation", List.of(Operation.MODERATIONS), SANDBOX, SANDBOX, "", Api.OPENAI));
    }

    static List<ModelConfig> openAi(String key) {
        List<ModelConfig> models = new ArrayList<>();
        List<Operation> both = List.of(Operation.CHAT, Operation.RESPONSES);
        OPENAI_CHAT.forEach(name -> models.add(model(name, both, "openai", OPENAI_URL, key, Api.OPENAI)));
        OPENAI_EMBEDDINGS.forEach(
                name -> models.add(model(name, List.of(Operation.EMBEDDINGS), "openai", OPENAI_URL, key, Api.OPENAI)));
        models.add(model(OPENAI_MODERATION, List.of(Operation.MODERATIONS), "openai", OPENAI_URL, key, Api.OPENAI));
        return models;
    }

    static List<ModelConfig> anthropic(String key) {
        return ANTHROPIC_CHAT.stream()
                .map(name -> model(name, List.of(Operation.CHAT), "anthropic", ANTHROPIC_URL, key, Api.ANTHROPIC))
                .toList();
    }

    /**
     * What the Ollama at that address has.
     *
     * @param host as Ollama's own OLLAMA_HOST: {@code host}, {@code host:port} or a URL
     */
    static Future<List<ModelConfig>> ollama(Vertx vertx, String host) {
        String base = url(host);
        if (!wellFormed(base)) {
            return Future.failedFuture(new StartException(
                    "OLLAMA_HOST is " + host + ", which is no address; write it as 127.0.0.1:11434, or unset it."));
        }
        HttpClient client = vertx.createHttpClient();
        return client.request(new RequestOptions().setMethod(HttpMethod.GET).setAbsoluteURI(base + "/api/tags"))
                .compose(request -> request.send())
                .expecting(HttpResponseExpectation.SC_OK)
                .compose(response -> response.body())
                .timeout(LIST_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                .map(body -> listed(body.toJsonObject(), base))
                .recover(cause -> Future.failedFuture(new StartException(
                        "OLLAMA_HOST is " + host + ", but no Ollama answers at " + base + " (" + cause.getMessage()
                                + "); start it, or unset OLLAMA_HOST.",
                        cause)))
                .eventually(client::close);
    }

    /** Whether any model runs in the built-in server. */
    static boolean needSandbox(List<ModelConfig> models) {
        return models.stream()
                .flatMap(model -> model.instances().stream())
                .anyMatch(instance -> instance.url().equals(SANDBOX));
    }

    /** The models with the built-in server's address. */
    static List<ModelConfig> withSandbox(List<ModelConfig> models, String url) {
        return models.stream()
                .map(model -> Changed.with(
                        model,
                        "instances",
                        model.instances().stream().map(each -> at(each, url)).toList()))
                .toList();
    }

    private static InstanceConfig at(InstanceConfig instance, String url) {
        return instance.url().equals(SANDBOX) ? Changed.with(instance, "url", url) : instance;
    }

    private static List<ModelConfig> listed(JsonObject tags, String base) {
        List<ModelConfig> models = new ArrayList<>();
        JsonArray known = tags.getJsonArray("models", new JsonArray());
        for (int i = 0; i < known.size(); i++) {
            String name = known.getJsonObject(i).getString("name", "");
            if (!name.isEmpty()) {
                // Ollama does not say what a model can do; the names of embedding models do.
                boolean embeds = name.contains("embed") || name.contains("minilm") || name.startsWith("bge");
                List<Operation> operations = embeds ? List.of(Operation.EMBEDDINGS) : CHATTING;
                models.add(model(name, operations, "ollama", base + "/v1", "", Api.OLLAMA));
            }
        }
        return models;
    }

    private static boolean wellFormed(String url) {
        try {
            return new URI(url).getHost() != null;
        } catch (URISyntaxException _) {
            return false;
        }
    }

    private static String url(String host) {
        String text = host.strip().replaceAll("/+$", "");
        if (!text.contains("://")) {
            text = "http://" + text;
        }
        String bare = text.replace("0.0.0.0", "127.0.0.1");
        return bare.matches("https?://[^/]*:\\d+(/.*)?") ? bare : bare + ":11434";
    }

    private static ModelConfig model(
            String name, List<Operation> operations, String owner, String url, String key, Api api) {
        InstanceConfig instance =
                new InstanceConfig(owner, url, new Secret(key), "", WEIGHT, CONCURRENCY, api, "", "", null);
        return new ModelConfig(name, operations, owner, List.of(instance), CALL_LIMIT, null, "");
    }
}
