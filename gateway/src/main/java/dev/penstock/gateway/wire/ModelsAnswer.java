package dev.penstock.gateway.wire;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.common.unit.Bytes;
import dev.penstock.gateway.policy.ModelNames.Listed;
import io.vertx.core.http.HttpServerRequest;
import java.time.Instant;
import java.util.List;

/**
 * The answers of {@code GET /v1/models} and {@code GET /v1/models/{id}}, in OpenAI's form, or in Anthropic's for who
 * sends {@code anthropic-version}, as its clients do. The list is one page in both.
 */
public final class ModelsAnswer {
    /** The configuration knows no date of creation, and clients want one that does not change. */
    private static final Instant CREATED = Instant.parse("2026-01-01T00:00:00Z");

    private ModelsAnswer() {}

    /** Whether the caller expects Anthropic's form. */
    public static boolean anthropic(HttpServerRequest request) {
        return request.headers().contains("anthropic-version");
    }

    public static Bytes list(List<Listed> names, boolean anthropic) {
        ObjectNode answer = Json.MAPPER.createObjectNode();
        var data = answer.putArray("data");
        names.forEach(name -> data.add(fields(name, anthropic)));
        if (anthropic) {
            answer.put("has_more", false);
            answer.put("first_id", names.isEmpty() ? null : names.getFirst().name());
            answer.put("last_id", names.isEmpty() ? null : names.getLast().name());
        } else {
            answer.put("object", "list");
        }
        return Bytes.of(Json.bytes(answer));
    }

    public static Bytes one(Listed name, boolean anthropic) {
        return Bytes.of(Json.bytes(fields(name, anthropic)));
    }

    private static ObjectNode fields(Listed name, boolean anthropic) {
        ObjectNode fields = Json.MAPPER.createObjectNode();
        return anthropic
                ? fields.put("type", "model")
                        .put("id", name.name())
                        .put("display_name", name.name())
                        .put("created_at", CREATED.toString())
                : fields.put("id", name.name())
                        .put("object", "model")
                        .put("created", CREATED.getEpochSecond())
                        .put("owned_by", name.ownedBy());
    }
}
