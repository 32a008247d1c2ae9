package dev.penstock.gateway.ai;

import dev.penstock.common.contract.BatchContract.CallEnd;
import dev.penstock.common.contract.Usage;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.upstream.UpstreamCall;
import dev.penstock.gateway.exchange.Answer.Streamed;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Once;
import dev.penstock.gateway.exchange.Timings.Phase;
import dev.penstock.gateway.money.Attempt;
import dev.penstock.gateway.money.CostHeader;
import dev.penstock.gateway.wire.StreamReader;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes a model's event stream on, each event as soon as it is whole. The answer's head is written with the first
 * event, or with the first heartbeat: until then a failure is still an honest HTTP status. Confined to one event loop.
 */
final class StreamRelay {
    private static final Logger log = LoggerFactory.getLogger(StreamRelay.class);
    /** How long the instance may take to close its side after the end mark, so that the connection can be kept. */
    private static final long CLOSING_MILLIS = 1_000;

    private final CallTools tools;
    private final Exchange exchange;
    private final UpstreamCall call;
    private final Attempt attempt;
    private final HttpClientResponse source;
    private final StreamReader reader;
    private final Consumer<End> onEnd;
    private Buffer waiting = Buffer.buffer();
    private @Nullable HttpServerResponse sink;
    /** Pieces of the answer that have come: what is billed where the count never comes. */
    private long pieces;

    private boolean ended;
    private boolean sourceEnded;
    private long heartbeat = -1;
    private long deadline = -1;

    /**
     * How a stream ended.
     *
     * @param begun whether the caller has seen a byte
     * @param fault null where the stream ended as it should
     */
    record End(
            CallEnd end,
            Usage usage,
            boolean begun,
            @Nullable Fault fault) {}

    StreamRelay(
            CallTools tools,
            Exchange exchange,
            UpstreamCall call,
            Attempt attempt,
            HttpClientResponse source,
            StreamReader reader,
            Consumer<End> onEnd) {
        this.tools = tools;
        this.exchange = exchange;
        this.call = call;
        this.attempt = attempt;
        this.source = source;
        this.reader = reader;
        this.onEnd = onEnd;
    }

    void start(Duration left) {
        String type = source.getHeader("content-type");
        if (type == null || !type.startsWith("text/event-stream")) {
            fail(Fault.of(FaultCode.UPSTREAM_ERROR, "The model's server did not stream its answer."));
            return;
        }
        deadline = tools.vertx()
                .setTimer(
                        Math.max(1, left.toMillis()),
                        id -> fail(Fault.of(FaultCode.TIMEOUT, "The time for this request was spent.")));
        rest();
        source.exceptionHandler(e -> fail(broken()));
        source.handler(this::bytes);
        source.endHandler(v -> {
            sourceEnded = true;
            closed();
        });
        source.resume();
    }

    /** The caller hung up. */
    void cancel() {
        end(CallEnd.NEUTRAL, Exchange.gone());
        call.cancel();
    }

    private void begin(HttpServerResponse response) {
        sink = response;
        Buffer first = waiting;
        waiting = Buffer.buffer();
        write(first);
    }

    private void bytes(Buffer bytes) {
        if (ended) {
            return;
        }
        try {
            reader.accept(bytes, this::event);
        } catch (Fault fault) {
            fail(fault);
        } catch (RuntimeException e) {
            log.error("a stream could not be read", e);
            fail(Fault.from(e));
        }
    }

    private void event(StreamReader.Event event) {
        if (ended) {
            return;
        }
        switch (event) {
            case StreamReader.Write(Buffer passed) -> {
                pieces++;
                record(passed);
                write(passed);
            }
            case StreamReader.Failed failure -> failed(failure);
            case StreamReader.Done(Buffer last) -> complete(last);
        }
    }

    private void failed(StreamReader.Failed failure) {
        if (sink == null) {
            fail(failure.fault());
            return;
        }
        attempt.brokenOff(reader.usage(), pieces);
        conclude(failure.bytes());
        end(CallEnd.FAILURE, failure.fault());
        call.cancel();
    }

    private void closed() {
        if (ended) {
            return;
        }
        Buffer last = reader.closed();
        if (last == null) {
            fail(broken());
        } else {
            complete(last);
        }
    }

    private void complete(Buffer last) {
        if (sink == null) {
            write(Buffer.buffer());
        }
        attempt.streamed(reader.usage(), pieces);
        record(last);
        Once once = exchange.once();
        if (once != null) {
            once.complete();
        }
        conclude(last);
        end(CallEnd.SUCCESS, null);
        if (!sourceEnded) {
            tools.vertx().setTimer(CLOSING_MILLIS, id -> {
                if (!sourceEnded) {
                    call.cancel();
                }
            });
        }
    }

    private void fail(Fault fault) {
        if (ended) {
            return;
        }
        attempt.brokenOff(reader.usage(), pieces);
        if (sink != null) {
            conclude(reader.failure(fault));
        }
        end(CallEnd.FAILURE, fault);
        if (!sourceEnded) {
            call.cancel();
        }
    }

    private void record(Buffer piece) {
        Once once = exchange.once();
        if (once != null) {
            once.piece(piece);
        }
    }

    private void conclude(Buffer last) {
        if (sink != null && !sink.closed()) {
            CostHeader.trailer(exchange.request(), exchange.work());
            sink.end(last);
        }
    }

    private void end(CallEnd how, @Nullable Fault fault) {
        if (ended) {
            return;
        }
        ended = true;
        attempt.brokenOff(reader.usage(), pieces);
        tools.vertx().cancelTimer(heartbeat);
        tools.vertx().cancelTimer(deadline);
        source.resume(); // what is left is read and dropped, so that the connection can be kept
        onEnd.accept(new End(how, reader.usage(), sink != null, fault));
    }

    /** Writes, or has the head written first; stops reading while the caller does not keep up. */
    private void write(Buffer bytes) {
        HttpServerResponse response = sink;
        if (response == null) {
            waiting.appendBuffer(bytes);
            exchange.timings().lap(Phase.UPSTREAM, tools.ticker().nanos());
            exchange.resume(exchange.answer(new Streamed(this::begin)));
            return;
        }
        if (bytes.length() > 0) {
            response.write(bytes);
        }
        rest();
        if (response.writeQueueFull()) {
            source.pause();
            response.drainHandler(v -> source.resume());
        }
    }

    /** Begins to wait for silence. */
    private void rest() {
        tools.vertx().cancelTimer(heartbeat);
        heartbeat = tools.vertx().setTimer(tools.heartbeat().toMillis(), id -> {
            if (sink == null || !sink.writeQueueFull()) {
                write(reader.ping());
            } else {
                rest();
            }
        });
    }

    private static Fault broken() {
        return Fault.of(FaultCode.UPSTREAM_ERROR, "The model's answer broke off.");
    }
}
