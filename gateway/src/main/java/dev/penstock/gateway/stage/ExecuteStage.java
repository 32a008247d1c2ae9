package dev.penstock.gateway.stage;

import dev.penstock.common.fault.Fault;
import dev.penstock.gateway.ai.EmbeddingFlow;
import dev.penstock.gateway.ai.ModelFlow;
import dev.penstock.gateway.auth.Scope;
import dev.penstock.gateway.exchange.Answer.Whole;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Route;
import dev.penstock.gateway.exchange.Step;
import dev.penstock.gateway.policy.ModelNames;
import dev.penstock.gateway.policy.ModelNames.Listed;
import dev.penstock.gateway.route.UpstreamFlow;
import dev.penstock.gateway.wire.ModelsAnswer;
import io.vertx.core.buffer.Buffer;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** Has the work done that no cache could spare. */
public final class ExecuteStage implements Stage {
    private final ModelNames names;
    private final EmbeddingFlow embeddings;
    private final ModelFlow models;
    private final UpstreamFlow upstream;

    public ExecuteStage(ModelNames names, EmbeddingFlow embeddings, ModelFlow models, UpstreamFlow upstream) {
        this.upstream = upstream;
        this.names = names;
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
            case MODELS -> exchange.answer(new Whole(list(exchange)));
            case MODEL -> exchange.answer(new Whole(one(exchange)));
            case UPSTREAM -> upstream.run(exchange, Objects.requireNonNull(exchange.upstream(), "a plain route"));
            case STORED_RESPONSE, UNKNOWN -> Step.ANSWER;
        };
    }

    private Buffer list(Exchange exchange) {
        Scope scope = exchange.principal().scope();
        List<Listed> allowed = names.all().stream()
                .filter(name -> scope.allowsModel(name.name()))
                .toList();
        return ModelsAnswer.list(allowed, ModelsAnswer.anthropic(exchange.request()))
                .asBuffer();
    }

    private Buffer one(Exchange exchange) {
        return ModelsAnswer.one(listed(exchange), ModelsAnswer.anthropic(exchange.request()))
                .asBuffer();
    }

    private Listed listed(Exchange exchange) {
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
        return names.all().stream()
                .filter(each -> each.name().equals(wanted))
                .findFirst()
                .orElseThrow(() -> ValidateStage.unknown(wanted));
    }
}
