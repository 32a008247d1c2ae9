package dev.penstock.gateway.wire;

import dev.penstock.common.upstream.Outbound;
import dev.penstock.common.upstream.UpstreamClient.Answer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The instance speaks the caller's own API: what comes is what goes, both ways. */
final class PassAdapter implements Adapter {
    private final ModelRequest request;
    private final String path;
    private final Map<String, String> headers;
    private final String model;

    /** @param model its name at the instance */
    PassAdapter(ModelRequest request, String path, Map<String, String> headers, String model) {
        this.request = request;
        this.path = path;
        this.headers = headers;
        this.model = model;
    }

    @Override
    public Outbound outbound() {
        return new Outbound(path, headers, request.forward(model));
    }

    @Override
    public @Nullable Reading read(Answer answer) {
        return Reading.of(request.form(), answer.body(), model);
    }

    @Override
    public StreamReader stream() {
        return switch (request.form()) {
            case RESPONSES -> NamedStream.responses();
            case MESSAGES -> NamedStream.messages();
            default -> new ChoiceStream(request.wantsUsage());
        };
    }
}
