package dev.penstock.gateway.ops;

import dev.penstock.common.fault.Fault;
import dev.penstock.gateway.guard.Blocks;
import dev.penstock.gateway.guard.policy.Block;
import dev.penstock.gateway.guard.policy.FieldPolicy;
import dev.penstock.gateway.http.ClientAddress;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Addresses that may not call: seeing, making and lifting blocks. */
final class BlockOperations {
    private static final Set<String> FIELDS = Set.of("address", "reason", "seconds");
    private static final long MOST_SECONDS = Duration.ofDays(3_650).toSeconds();
    private static final int MOST_LISTED = 1_000;

    private final Blocks blocks;

    BlockOperations(Blocks blocks) {
        this.blocks = blocks;
    }

    void register(Map<Operations, OperationHandler> handlers) {
        handlers.put(Operations.BLOCK_LIST, this::list);
        handlers.put(Operations.BLOCK_CREATE, this::create);
        handlers.put(Operations.BLOCK_DELETE, this::delete);
    }

    private Future<Answer> list(OpsCall call) {
        JsonArray array = new JsonArray();
        blocks.list(MOST_LISTED).forEach(block -> array.add(json(block)));
        return Future.succeededFuture(Answer.json(new JsonObject().put("blocks", array)));
    }

    private Future<Answer> create(OpsCall call) {
        JsonObject body = call.body(FIELDS);
        String address = OpsCall.text(body, "address");
        if (address == null) {
            throw Fault.invalid("address", "A block needs an 'address'.");
        }
        String reason = OpsCall.text(body, "reason");
        return blocks.block(
                        address,
                        reason == null ? "manual" : FieldPolicy.FREE_TEXT.check("reason", reason),
                        length(body.getValue("seconds")),
                        call.principal().keyId(),
                        ClientAddress.of(call.request()),
                        call.context())
                .map(block -> Answer.json(201, json(block)));
    }

    private Future<Answer> delete(OpsCall call) {
        String address = call.query("address");
        if (address == null || address.isEmpty()) {
            throw Fault.invalid("address", "Say which block: ?address=203.0.113.7.");
        }
        return blocks.lift(address, call.principal().keyId(), ClientAddress.of(call.request()), call.context())
                .map(done -> Answer.empty(Map.of()));
    }

    private static @Nullable Duration length(@Nullable Object seconds) {
        if (seconds == null) {
            return null;
        }
        if (seconds instanceof Integer || seconds instanceof Long) {
            long value = ((Number) seconds).longValue();
            if (value > 0 && value <= MOST_SECONDS) {
                return Duration.ofSeconds(value);
            }
        }
        throw Fault.invalid(
                "seconds", "'seconds' must be a whole number from 1 to " + MOST_SECONDS + "; leave it out for no end.");
    }

    private static JsonObject json(Block block) {
        return new JsonObject()
                .put("address", block.address())
                .put("reason", block.reason())
                .put("strikes", block.strikes())
                .put("beganAt", Instant.ofEpochMilli(block.beganMillis()).toString())
                .put(
                        "endsAt",
                        block.endsMillis() == Block.NEVER
                                ? null
                                : Instant.ofEpochMilli(block.endsMillis()).toString())
                .put("createdBy", block.by());
    }
}
