package dev.penstock.gateway.stage;

import dev.penstock.common.config.ModelConfig;
import dev.penstock.common.config.PenstockConfig;
import dev.penstock.common.fault.Fault;
import dev.penstock.gateway.ai.EmbeddingFlow;
import dev.penstock.gateway.ai.ModelFlow;
import dev.penstock.gateway.auth.Scope;
import dev.penstock.gateway.exchange.Answer.Whole;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Route;
import dev.penstock.gateway.exchange.Step;
import dev.penstock.gateway.route.UpstreamFlow;
import dev.penstock.gateway.wire.ModelsAnswer;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** Has the work done that no cache could spare. */
public final class ExecuteStage implements Stage {
    private final PenstockConfig config;
    private final EmbeddingFlow embeddings;
    private final ModelFlow models;
    private final UpstreamFlow upstream;

    public ExecuteStage(PenstockConfig config, EmbeddingFlow embeddings, ModelFlow models, UpstreamFlow upstream) {
        this.upstream = upstream;
        this.config = config;
        this.embeddings = embeddings;
        this.models = models;
    }

    @Override
    public Step enter(Exchange exchange) {
        return switch (exchange.route()) {
            case EMBEDDINGS -> {
                embeddings
                        .run(exchange)
                        .onComplete(result -> exchange.resume(
                                result.succeeded() ? Step.ANSWER : exchange.refuse(Fault.from(result.cause()))));
                yield Step.LATER;
            }
            case CHAT, COMPLETIONS, RESPONSES, MESSAGES, COUNT_TOKENS, MODERATIONS, RERANK, CLASSIFY -> {
                models.run(exchange);
                yield Step.LATER;
            }
            case MODELS ->
                exchange.answer(new Whole(ModelsAnswer.list(allowed(exchange)).asBuffer()));
            case MODEL ->
                exchange.answer(new Whole(ModelsAnswer.one(model(exchange)).asBuffer()));
            case UPSTREAM -> upstream.run(exchange, Objects.requireNonNull(exchange.upstream(), "a plain route"));
            case STORED_RESPONSE, UNKNOWN -> Step.ANSWER;
        };
    }

    private List<ModelConfig> allowed(Exchange exchange) {
        Scope scope = exchange.principal().scope();
        return scope.models().isEmpty()
                ? config.models()
                : config.models().stream()
                        .filter(model -> scope.allowsModel(model.name()))
                        .toList();
    }

    private ModelConfig model(Exchange exchange) {
        String path = Objects.requireNonNull(exchange.request().path(), "the route has a path");
        String id = path.substring(Route.MODEL_PREFIX.length());
        String name;
        try {
            name = URLDecoder.decode(id.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            name = id;
        }
        String wanted = name;
        AuthoriseStage.model(exchange.principal(), wanted);
        return config.model(wanted).orElseThrow(() -> ValidateStage.unknown(wanted));
    }
}
