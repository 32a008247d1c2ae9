package dev.penstock.gateway.wire;

import dev.penstock.common.upstream.Outbound;
import dev.penstock.common.upstream.UpstreamClient.Answer;
import org.jspecify.annotations.Nullable;

/** One request as one instance's API wants it, and its answer as the caller's API has it. One per attempt. Does no I/O. */
public interface Adapter {
    /**
     * The call.
     *
     * @throws dev.penstock.common.fault.Fault that names the field that this API has no room for
     */
    Outbound outbound();

    /** A whole answer of status 2xx; null where it is no answer to what was asked. */
    @Nullable
    Reading read(Answer answer);

    /** For a streamed answer. */
    StreamReader stream();
}
