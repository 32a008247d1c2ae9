package dev.penstock.common.bus;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A {@link Fault} as it travels. It is the reply of every call that failed: no path ends without one. */
record FaultReply(
        FaultCode code,
        int status,
        String message,
        @Nullable String param,
        @Nullable Duration retryAfter) {
    static FaultReply of(Throwable cause) {
        Fault fault = Fault.from(cause);
        return new FaultReply(fault.code(), fault.status(), fault.reason(), fault.param(), fault.retryAfter());
    }

    Fault toFault() {
        return Fault.detailed(code, status, message, param, retryAfter);
    }
}
