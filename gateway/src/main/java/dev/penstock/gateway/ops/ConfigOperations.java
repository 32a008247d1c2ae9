package dev.penstock.gateway.ops;

import dev.penstock.common.config.ConfigView;
import dev.penstock.common.config.LiveConfig;
import dev.penstock.common.config.LiveConfig.Outcome;
import dev.penstock.common.contract.ControlContract;
import dev.penstock.common.contract.ControlContract.Reload;
import dev.penstock.common.contract.SecurityContract.Kind;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.gateway.audit.Audit;
import dev.penstock.gateway.audit.Audit.Act;
import dev.penstock.gateway.http.ClientAddress;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Showing the configuration and having it read again. */
final class ConfigOperations {
    private static final String TARGET = "configuration";
    private static final int UNPROCESSABLE = 422;

    private final ServiceContext context;
    private final Audit audit;

    ConfigOperations(ServiceContext context, Audit audit) {
        this.context = context;
        this.audit = audit;
    }

    void register(Map<Operations, OperationHandler> handlers) {
        handlers.put(Operations.CONFIG_READ, call -> show());
        handlers.put(Operations.CONFIG_RELOAD, this::reload);
    }

    private Future<Answer> show() {
        LiveConfig.Version version = context.live().version();
        return Future.succeededFuture(Answer.json(new JsonObject()
                .put("member", context.membership().self())
                .put("hash", version.hash())
                .put("warnings", new JsonArray(version.warnings()))
                .put("config", new JsonObject(ConfigView.of(version.config())))));
    }

    /** This process first, so that the answer says what is wrong with the file; then all others, each with its own. */
    private Future<Answer> reload(OpsCall call) {
        call.body(Set.of());
        return context.vertx()
                .executeBlocking(() -> context.live().reload(), false)
                .compose(outcome -> recorded(call, Objects.requireNonNull(outcome)))
                .map(outcome -> answer(call, outcome));
    }

    private Future<Outcome> recorded(OpsCall call, Outcome outcome) {
        String detail = switch (outcome) {
            case Outcome.Unchanged unchanged -> "unchanged " + unchanged.hash();
            case Outcome.Swapped swapped -> "changed " + swapped.sections();
            case Outcome.Refused refused -> "refused: " + refused.reasons().size() + " reasons";
        };
        var act = new Act(
                Kind.CONFIGURATION_CHANGED,
                call.principal().keyId(),
                ClientAddress.of(call.request()),
                call.context().correlationId(),
                TARGET,
                !(outcome instanceof Outcome.Refused),
                detail);
        return audit.record(act).map(outcome);
    }

    private Answer answer(OpsCall call, Outcome outcome) {
        return switch (outcome) {
            case Outcome.Refused refused ->
                Answer.json(UNPROCESSABLE, outcome("refused", "reasons", refused.reasons()));
            case Outcome.Swapped swapped -> {
                tellOthers(call);
                yield Answer.json(
                        outcome("changed", "sections", swapped.sections()).put("hash", swapped.hash()));
            }
            case Outcome.Unchanged unchanged -> {
                tellOthers(call);
                yield Answer.json(outcome("unchanged", "sections", List.of()).put("hash", unchanged.hash()));
            }
        };
    }

    private void tellOthers(OpsCall call) {
        context.bus()
                .publish(ControlContract.RELOAD, new Reload(call.principal().keyId()), call.context());
    }

    private static JsonObject outcome(String status, String name, List<String> values) {
        return new JsonObject().put("status", status).put(name, new JsonArray(values));
    }
}
