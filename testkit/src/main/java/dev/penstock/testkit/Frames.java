package dev.penstock.testkit;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Frames of a chat stream as OpenAI sends them. */
final class Frames {
    private Frames() {}

    static List<String> chat(List<String> words) {
        List<String> frames = new ArrayList<>();
        frames.add(frame(new JsonObject().put("role", "assistant").put("content", ""), null));
        words.forEach(word -> frames.add(frame(new JsonObject().put("content", word), null)));
        frames.add(frame(new JsonObject(), "stop"));
        frames.add("data: [DONE]");
        return frames;
    }

    private static String frame(JsonObject delta, @Nullable String finishReason) {
        JsonObject choice = new JsonObject().put("index", 0).put("delta", delta).put("finish_reason", finishReason);
        return "data: "
                + new JsonObject()
                        .put("id", "chatcmpl-test")
                        .put("object", "chat.completion.chunk")
                        .put("created", 1)
                        .put("model", "sandbox-chat")
                        .put("choices", new JsonArray().add(choice))
                        .encode();
    }
}
