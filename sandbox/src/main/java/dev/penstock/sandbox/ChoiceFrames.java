package dev.penstock.sandbox;

import io.vertx.core.json.Json;

/**
 * Chats and completions: the role first where there is one, a chunk for each token and choice, the finish reason, the
 * usage if asked for, and {@code [DONE]}.
 */
final class ChoiceFrames implements StreamFrames {
    private final ChatRequest request;
    private final boolean chat;
    private final String id;
    private final String prefix;
    private final String usageField;

    ChoiceFrames(ChatRequest request, boolean chat, String id, long created) {
        this.request = request;
        this.chat = chat;
        this.id = id;
        this.prefix = "data: {\"id\":\"" + id + "\",\"object\":\""
                + (chat ? "chat.completion.chunk" : "text_completion") + "\",\"created\":" + created + ",\"model\":"
                + Json.encode(request.model()) + ",\"system_fingerprint\":\"sandbox\",";
        this.usageField = request.includeUsage() ? ",\"usage\":null" : "";
    }

    @Override
    public void begin(StringBuilder out) {
        if (chat && request.tool() != null) {
            String call = "{\"index\":0,\"id\":\"call_" + id + "\",\"type\":\"function\",\"function\":{\"name\":"
                    + Json.encode(request.tool()) + ",\"arguments\":\"\"}}";
            frame(out, "\"delta\":{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[" + call + "]}", "null");
        } else if (chat) {
            frame(out, "\"delta\":{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}", "null");
        }
    }

    @Override
    public void token(StringBuilder out, String piece) {
        String text = Json.encode(piece);
        if (chat && request.tool() != null) {
            String call = "{\"index\":0,\"function\":{\"arguments\":" + text + "}}";
            frame(out, "\"delta\":{\"tool_calls\":[" + call + "]}", "null");
            return;
        }
        frame(out, chat ? "\"delta\":{\"content\":" + text + "}" : "\"text\":" + text, "null");
    }

    @Override
    public void end(StringBuilder out) {
        frame(out, chat ? "\"delta\":{}" : "\"text\":\"\"", '"' + request.finishReason() + '"');
        if (request.includeUsage()) {
            out.append(prefix)
                    .append("\"choices\":[],\"usage\":")
                    .append(request.usage().encode())
                    .append("}\n\n");
        }
        out.append("data: [DONE]\n\n");
    }

    private void frame(StringBuilder out, String delta, String finishReason) {
        for (int index = 0; index < request.choices(); index++) {
            out.append(prefix)
                    .append("\"choices\":[{\"index\":")
                    .append(index)
                    .append(",")
                    .append(delta)
                    .append(",\"logprobs\":null,\"finish_reason\":")
                    .append(finishReason)
                    .append("}]")
                    .append(usageField)
                    .append("}\n\n");
        }
    }
}
