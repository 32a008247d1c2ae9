package dev.penstock.gateway.stage;

import dev.penstock.common.config.ModelConfig;
import dev.penstock.common.config.TelemetryConfig;
import dev.penstock.common.fault.Fault;
import dev.penstock.gateway.auth.Principal;
import dev.penstock.gateway.exchange.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** One line per failure and per slow request, and for a sample of the rest. Never a body, never a credential. */
public final class AccessLog {
    private static final Logger log = LoggerFactory.getLogger(AccessLog.class);

    private static final double NANOS_PER_MILLI = 1e6;

    private final int sample;
    private final long slowNanos;
    /** Per event loop, so a plain counter is enough. */
    private int seen;

    public AccessLog(TelemetryConfig config) {
        this.sample = Math.max(1, config.accessLogSample());
        this.slowNanos = config.slowRequest().toNanos();
    }

    void write(Exchange exchange, int status, long nanos) {
        if (status < 400 && nanos < slowNanos && ++seen % sample != 0) {
            return;
        }
        LoggingEventBuilder line = status >= 500 ? log.atWarn() : log.atInfo();
        Fault fault = exchange.fault();
        Principal who = exchange.caller();
        ModelConfig model = exchange.namedModel();
        line.addKeyValue("route", exchange.label())
                .addKeyValue("method", exchange.request().method().name())
                .addKeyValue("status", status)
                .addKeyValue("ms", nanos / NANOS_PER_MILLI)
                .addKeyValue("request_id", exchange.call().correlationId())
                .addKeyValue("key", who == null ? "" : who.keyId())
                .addKeyValue("model", model == null ? "" : model.name())
                .addKeyValue("instance", exchange.work().instance())
                .addKeyValue("tokens_in", exchange.work().tokensIn())
                .addKeyValue("tokens_out", exchange.work().tokensOut())
                .addKeyValue("fault", fault == null ? "" : fault.code().name())
                .log("{} {}", exchange.label(), status);
    }
}
