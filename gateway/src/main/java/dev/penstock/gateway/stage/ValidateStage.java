package dev.penstock.gateway.stage;

import dev.penstock.common.config.AliasConfig.Spread;
import dev.penstock.common.config.ModelConfig;
import dev.penstock.common.config.PenstockConfig;
import dev.penstock.common.contract.CacheContract.CacheKey;
import dev.penstock.common.contract.CacheContract.CacheType;
import dev.penstock.common.contract.Operation;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.time.Ticker;
import dev.penstock.common.unit.Bytes;
import dev.penstock.gateway.auth.Scope;
import dev.penstock.gateway.exchange.BodyIntake;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Exchange.CacheMode;
import dev.penstock.gateway.exchange.Slot;
import dev.penstock.gateway.exchange.Step;
import dev.penstock.gateway.exchange.Timings.Phase;
import dev.penstock.gateway.http.Edge;
import dev.penstock.gateway.nearcache.KeyHasher;
import dev.penstock.gateway.policy.ModelNames;
import dev.penstock.gateway.policy.ModelNames.Alias;
import dev.penstock.gateway.wire.EmbeddingInput;
import dev.penstock.gateway.wire.EmbeddingsRequest;
import dev.penstock.gateway.wire.Form;
import dev.penstock.gateway.wire.ModelRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the body once, finds the model, and names the pieces of the answer that can be cached or shared. */
public final class ValidateStage implements Stage {
    private static final String CACHE = "x-penstock-cache";
    /** What a beta header switches on may change the answer. */
    private static final String BETA = "anthropic-beta";

    private final List<ModelConfig> models;
    private final Map<String, Known> byName;
    private final ModelNames names;
    private final KeyHasher hasher;
    private final Ticker ticker;

    /** @param identity the model as configured: a change of its version makes all its keys new */
    private record Known(ModelConfig model, Bytes identity) {
        static Known of(ModelConfig model) {
            return new Known(model, Bytes.of(model.name() + '\0' + model.version()));
        }
    }

    public ValidateStage(PenstockConfig config, ModelNames names, KeyHasher hasher, Ticker ticker) {
        this.models = config.models();
        this.byName = models.stream().collect(Collectors.toUnmodifiableMap(ModelConfig::name, Known::of));
        this.names = names;
        this.hasher = hasher;
        this.ticker = ticker;
    }

    @Override
    public Step enter(Exchange exchange) {
        BodyIntake body = exchange.body();
        if (body == null) {
            return Step.NEXT;
        }
        if (body.done()) {
            return read(exchange, body);
        }
        body.whenDone(() -> exchange.resume(() -> read(exchange, body)));
        return Step.LATER;
    }

    private Step read(Exchange exchange, BodyIntake body) {
        Fault broken = body.fault();
        if (broken != null) {
            if (broken.code() == FaultCode.TOO_LARGE || broken.status() == BodyIntake.LATE) {
                Edge.closeAfter(exchange.request());
            }
            return exchange.refuse(broken);
        }
        exchange.cacheMode(cacheMode(exchange.request().getHeader(CACHE)));
        Form form = exchange.route().form();
        if (form == null) {
            embeddings(exchange, EmbeddingsRequest.read(body.body()));
        } else {
            asked(exchange, form, ModelRequest.read(form, body.body()));
        }
        exchange.timings().lap(Phase.GATEWAY, ticker.nanos());
        return Step.NEXT;
    }

    private void embeddings(Exchange exchange, EmbeddingsRequest request) {
        exchange.embeddings(request);
        Known known = known(exchange, request.model(), Operation.EMBEDDINGS);
        exchange.model(known.model());
        byte[] identity = known.identity().unsafeArray();
        List<EmbeddingInput> inputs = request.inputs();
        if (inputs.size() == 1) {
            exchange.slots(List.of(new Slot(key(exchange, identity, request, inputs.getFirst()), 0)), null);
            return;
        }
        Map<CacheKey, Integer> slotOf = HashMap.newHashMap(inputs.size());
        List<Slot> slots = new ArrayList<>(inputs.size());
        int[] slotOfInput = new int[inputs.size()];
        for (int i = 0; i < inputs.size(); i++) {
            CacheKey key = key(exchange, identity, request, inputs.get(i));
            Integer slot = slotOf.putIfAbsent(key, slots.size());
            slotOfInput[i] = slot == null ? slots.size() : slot;
            if (slot == null) {
                slots.add(new Slot(key, i));
            }
        }
        exchange.slots(slots, slotOfInput);
    }

    private CacheKey key(Exchange exchange, byte[] identity, EmbeddingsRequest request, EmbeddingInput input) {
        return hasher.key(
                exchange.principal().tenant(),
                CacheType.EMBEDDING,
                identity,
                request.params().unsafeArray(),
                input.identity());
    }

    private void asked(Exchange exchange, Form form, ModelRequest request) {
        exchange.asked(request);
        Operation operation = Objects.requireNonNull(exchange.route().work(), "a form has an operation");
        Known known =
                request.model().isEmpty() ? first(exchange, operation) : known(exchange, request.model(), operation);
        exchange.model(known.model());
        boolean beta = form.anthropic() && exchange.request().headers().contains(BETA);
        if (request.deterministic() && !request.stream() && !beta && exchange.cacheMode() != CacheMode.OFF) {
            CacheKey key = hasher.key(
                    exchange.principal().tenant(),
                    operation.repeatable() ? CacheType.ANALYSIS : CacheType.COMPLETION,
                    known.identity().unsafeArray(),
                    form.label().getBytes(StandardCharsets.US_ASCII),
                    request.question());
            exchange.slots(List.of(new Slot(key, 0)), null);
        }
    }

    private Known first(Exchange exchange, Operation operation) {
        Scope scope = exchange.principal().scope();
        return models.stream()
                .filter(model -> model.can(operation) && scope.allowsModel(model.name()))
                .findFirst()
                .map(model -> known(exchange, model.name(), operation))
                .orElseThrow(() -> Fault.invalid("model", "No model here does " + operation.label() + "."));
    }

    private Known known(Exchange exchange, String name, Operation operation) {
        AuthoriseStage.model(exchange.principal(), name);
        Alias alias = names.alias(name);
        Known known = byName.get(alias == null ? name : target(exchange, alias));
        if (known == null) {
            throw unknown(name);
        }
        if (!known.model().can(operation)) {
            throw Fault.invalid("model", "The model '" + name + "' does not do " + operation.label() + ".");
        }
        return known;
    }

    /** An alias opens nothing: its target must be allowed too. */
    private String target(Exchange exchange, Alias alias) {
        String target = alias.at(point(exchange, alias)).name();
        AuthoriseStage.model(exchange.principal(), target);
        return target;
    }

    /** Equal for what is to stay together, in every gateway. */
    private double point(Exchange exchange, Alias alias) {
        String together = alias.spread() == Spread.KEY
                ? exchange.principal().keyId()
                : exchange.request().getHeader(IdempotencyStage.HEADER);
        if (together == null) {
            return ThreadLocalRandom.current().nextDouble();
        }
        CacheKey hash = hasher.key(
                exchange.principal().tenant(),
                CacheType.CONFIG,
                alias.name().getBytes(StandardCharsets.UTF_8),
                together.getBytes(StandardCharsets.UTF_8));
        return (hash.high() >>> 11) * 0x1.0p-53;
    }

    /** The refusal of a model that is not there. */
    static Fault unknown(String name) {
        String shown = name.length() > 100 ? name.substring(0, 100) + "…" : name;
        return Fault.detailed(
                FaultCode.MODEL_NOT_FOUND,
                FaultCode.MODEL_NOT_FOUND.status(),
                "The model '" + shown + "' does not exist; GET /v1/models lists those that do.",
                "model",
                null);
    }

    private static CacheMode cacheMode(@Nullable String asked) {
        if (asked == null) {
            return CacheMode.USE;
        }
        return switch (asked.toLowerCase(Locale.ROOT)) {
            case "off" -> CacheMode.OFF;
            case "refresh" -> CacheMode.REFRESH;
            case "exact" -> CacheMode.USE;
            default -> throw Fault.invalid(CACHE, "X-Penstock-Cache must be off, refresh or exact.");
        };
    }
}
