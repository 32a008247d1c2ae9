package dev.penstock.gateway.wire;

import dev.penstock.common.config.ModelConfig;
import dev.penstock.common.unit.Bytes;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The answers of {@code GET /v1/models} and {@code GET /v1/models/{id}}. */
public final class ModelsAnswer {
    /** The configuration knows no date of creation, and clients want a number that does not change. */
    private static final long CREATED = 1_767_225_600;

    private ModelsAnswer() {}

    public static Bytes list(List<ModelConfig> models) {
        return Bytes.of(Json.bytes(new TreeMap<>(Map.of(
                "object",
                "list",
                "data",
                models.stream().map(ModelsAnswer::fields).toList()))));
    }

    public static Bytes one(ModelConfig model) {
        return Bytes.of(Json.bytes(fields(model)));
    }

    private static Map<String, Object> fields(ModelConfig model) {
        return new TreeMap<>(
                Map.of("id", model.name(), "object", "model", "created", CREATED, "owned_by", model.ownedBy()));
    }
}
