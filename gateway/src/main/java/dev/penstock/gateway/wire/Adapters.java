package dev.penstock.gateway.wire;

import dev.penstock.common.config.Api;
import dev.penstock.common.config.InstanceConfig;
import dev.penstock.common.contract.Operation;
import dev.penstock.common.upstream.Outbound;
import io.vertx.core.http.HttpServerRequest;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;

/** Chooses how a request reaches an instance. */
public final class Adapters {
    /** Anthropic's own, which mean the same to whichever server answers. */
    private static final String[] PASSED = {"anthropic-version", "anthropic-beta"};

    private Adapters() {}

    /**
     * The adapter of one attempt.
     *
     * @param model its name in the configuration, sent where the instance has no other
     * @param caller for the headers that belong to the request's API
     */
    public static Adapter of(
            ModelRequest request, InstanceConfig instance, String model, HttpServerRequest caller, Clock clock) {
        String named = instance.model().isEmpty() ? model : instance.model();
        return switch (request.form()) {
            case MESSAGES, COUNT_TOKENS ->
                instance.api() == Api.ANTHROPIC
                        ? messages(request, named, caller)
                        : new ServedMessagesAdapter(request, instance.api(), named);
            case CHAT ->
                instance.api() == Api.ANTHROPIC
                        ? new AnthropicAdapter(request, instance, named, clock)
                        : pass(request, instance.api(), Operation.CHAT, named);
            case COMPLETIONS -> pass(request, instance.api(), Operation.COMPLETIONS, named);
            case RESPONSES -> pass(request, instance.api(), Operation.RESPONSES, named);
            case MODERATIONS -> pass(request, instance.api(), Operation.MODERATIONS, named);
            case RERANK -> ownForm(request, instance.api(), Operation.RERANK, named);
            case CLASSIFY -> ownForm(request, instance.api(), Operation.CLASSIFY, named);
        };
    }

    private static Adapter pass(ModelRequest request, Api api, Operation operation, String named) {
        return new PassAdapter(request, Outbound.path(api, operation), Map.of(), named);
    }

    private static Adapter ownForm(ModelRequest request, Api api, Operation operation, String named) {
        return api == Api.TEI ? new TeiAdapter(request, named) : pass(request, api, operation, named);
    }

    private static Adapter messages(ModelRequest request, String named, HttpServerRequest caller) {
        Map<String, String> headers = new HashMap<>();
        for (String name : PASSED) {
            String value = caller.getHeader(name);
            if (value != null) {
                headers.put(name, value);
            }
        }
        String path = request.form() == Form.COUNT_TOKENS ? "/v1/messages/count_tokens" : "/v1/messages";
        boolean beta = caller.query() != null && caller.query().contains("beta=true");
        return new PassAdapter(request, beta ? path + "?beta=true" : path, headers, named);
    }
}
