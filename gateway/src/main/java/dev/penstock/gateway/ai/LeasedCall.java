package dev.penstock.gateway.ai;

import dev.penstock.common.config.InstanceConfig;
import dev.penstock.common.config.ModelConfig;
import dev.penstock.common.contract.BatchContract.CallEnd;
import dev.penstock.common.contract.BatchContract.Lease;
import dev.penstock.common.contract.Operation;
import dev.penstock.common.contract.Usage;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.upstream.Outbound;
import dev.penstock.common.upstream.UpstreamCall;
import dev.penstock.common.upstream.UpstreamClient.Answer;
import dev.penstock.common.upstream.UpstreamErrors;
import dev.penstock.common.upstream.UpstreamFailure;
import dev.penstock.gateway.ai.Leases.Grant;
import dev.penstock.gateway.ai.Leases.Report;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Step;
import dev.penstock.gateway.exchange.Timings.Phase;
import dev.penstock.gateway.money.Attempt;
import dev.penstock.gateway.policy.Failover;
import dev.penstock.gateway.policy.Failover.Cause;
import dev.penstock.gateway.wire.Adapter;
import dev.penstock.gateway.wire.Adapters;
import dev.penstock.gateway.wire.Reading;
import io.vertx.core.http.HttpClientResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way to an instance, with the attempts that it takes. Gives its lease back on every path and resumes the
 * exchange exactly once. Confined to the request's event loop.
 */
final class LeasedCall {
    private static final int MAX_ERROR = 256 * 1024;
    private static final Duration ERROR_TIME = Duration.ofSeconds(5);

    private final CallTools tools;
    private final Exchange exchange;
    private final BiFunction<Exchange, Result, Step> answered;
    private final Operation operation;
    private final List<String> tried = new ArrayList<>();
    private @Nullable Grant grant;
    /** The name of a lease that is asked for and not granted. */
    private @Nullable String pending;

    private @Nullable Attempt attempt;
    private @Nullable UpstreamCall upstream;
    private @Nullable StreamRelay relay;
    /** Of the attempt before: says more than that no further instance is free. */
    private @Nullable Fault lastFault;

    private long startNanos;
    private long firstByteNanos;
    private boolean over;

    /** A whole answer. */
    record Result(Reading reading, long latencyNanos) {}

    LeasedCall(CallTools tools, Exchange exchange, BiFunction<Exchange, Result, Step> answered) {
        this.tools = tools;
        this.exchange = exchange;
        this.answered = answered;
        this.operation = Objects.requireNonNull(exchange.route().work(), "the route asks a model");
    }

    void start() {
        String submission = tools.submissions().name();
        pending = submission;
        Lease wish = new Lease(
                exchange.model().name(),
                operation,
                exchange.principal().tenant(),
                exchange.priority(),
                tried,
                tools.submissions().gateway(),
                submission);
        tools.leases()
                .acquire(wish, exchange.call())
                .onComplete(result -> safely(() -> {
                    pending = null;
                    if (result.succeeded()) {
                        granted(result.result());
                    } else {
                        finish(lastFault == null ? Fault.from(result.cause()) : lastFault);
                    }
                }));
    }

    /** Runs in a callback, where nobody above would catch: a defect ends the call, and its lease is given back. */
    private void safely(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            Attempt begun = attempt;
            if (begun != null) {
                begun.lost();
            }
            release(Report.NEUTRAL);
            if (!over) {
                over = true;
                exchange.resume(exchange.defect(e));
            }
            UpstreamCall opened = upstream;
            if (opened != null) {
                opened.cancel();
            }
        }
    }

    /** The caller hung up: the instance is told at once. */
    void cancel() {
        if (over) {
            return;
        }
        if (relay != null) {
            relay.cancel();
            return;
        }
        if (attempt != null) {
            attempt.lost();
        }
        release(Report.NEUTRAL);
        if (pending != null) {
            tools.submissions().cancel(exchange.model().name(), pending, exchange.call());
        }
        UpstreamCall opened = upstream;
        finish(Exchange.gone());
        if (opened != null) {
            opened.cancel();
        }
    }

    private void granted(Grant given) {
        grant = given;
        long waited = given.leased().queueNanos();
        exchange.timings().lap(Phase.BATCH, tools.ticker().nanos());
        exchange.timings().move(Phase.BATCH, Phase.QUEUE, waited);
        String name = given.leased().instance();
        Optional<InstanceConfig> instance = instance(name);
        if (over) {
            release(Report.NEUTRAL);
        } else if (instance.isEmpty()) {
            release(Report.NEUTRAL);
            withoutInstance(name);
        } else {
            call(instance.get());
        }
    }

    /** By the configuration in force: the pool may have gone over to it since the request began. */
    private Optional<InstanceConfig> instance(String name) {
        ModelConfig began = exchange.model();
        ModelConfig now = tools.live().get().model(began.name()).orElse(began);
        return Stream.concat(now.instances().stream(), began.instances().stream())
                .filter(one -> one.name().equals(name))
                .findFirst();
    }

    /** The pool's owner reads its configuration some seconds before or after this gateway: another may do meanwhile. */
    private void withoutInstance(String name) {
        Fault fault = Fault.retryLater(
                FaultCode.UNAVAILABLE,
                "The instance " + name + " is not in this gateway's configuration yet.",
                Duration.ofSeconds(2));
        if (tried.contains(name)) {
            finish(fault);
        } else {
            tried.add(name);
            lastFault = fault;
            start();
        }
    }

    private void call(InstanceConfig instance) {
        Adapter chosen =
                Adapters.of(exchange.asked(), instance, exchange.model().name(), exchange.request(), tools.clock());
        Outbound outbound;
        try {
            outbound = chosen.outbound();
        } catch (Fault fault) {
            release(Report.NEUTRAL); // the request has something for which this API has no room
            finish(fault);
            return;
        }
        tried.add(instance.name());
        exchange.work().answered(instance.name(), tried.size(), 0);
        Attempt begun = tools.ledger().begin(exchange, instance.name(), tried.size());
        attempt = begun;
        startNanos = tools.ticker().nanos();
        UpstreamCall opened = tools.client().open(instance, outbound, exchange.call(), left());
        upstream = opened;
        opened.response()
                .onComplete(result -> safely(() -> {
                    if (over) {
                        return;
                    }
                    firstByteNanos = tools.ticker().nanos() - startNanos;
                    if (result.succeeded()) {
                        head(chosen, opened, begun, result.result());
                    } else {
                        broken(begun, result.cause());
                    }
                }));
    }

    private void head(Adapter adapter, UpstreamCall opened, Attempt begun, HttpClientResponse response) {
        boolean good = response.statusCode() / 100 == 2;
        if (good && exchange.asked().stream()) {
            stream(adapter, opened, begun, response);
            return;
        }
        Duration time = good || left().compareTo(ERROR_TIME) < 0 ? left() : ERROR_TIME;
        tools.client()
                .collect(opened, response, good ? tools.maxAnswer() : MAX_ERROR, time)
                .onComplete(result -> safely(() -> {
                    if (over) {
                        return;
                    }
                    if (result.failed()) {
                        broken(begun, result.cause());
                    } else if (good) {
                        whole(adapter, begun, result.result());
                    } else {
                        begun.refused();
                        refused(result.result());
                    }
                }));
    }

    private void whole(Adapter adapter, Attempt begun, Answer answer) {
        Reading read = adapter.read(answer);
        long latency = tools.ticker().nanos() - startNanos;
        exchange.timings().lap(Phase.UPSTREAM, tools.ticker().nanos());
        if (read == null) {
            begun.lost();
            release(report(CallEnd.FAILURE, Usage.NONE, 0));
            finish(Fault.of(
                    FaultCode.UPSTREAM_ERROR,
                    "The model's server answered with something that is no answer to this request."));
            return;
        }
        begun.streamed(read.usage(), 0);
        release(report(CallEnd.SUCCESS, read.usage(), 0));
        exchange.work().tokens(read.usage().read(), read.usage().written());
        over = true;
        exchange.resume(() -> answered.apply(exchange, new Result(read, latency)));
    }

    private void refused(Answer answer) {
        int status = answer.status();
        Fault fault = UpstreamErrors.fault(
                status, answer.headers(), answer.body(), tools.clock().instant());
        CallEnd end = UpstreamErrors.callersFault(status)
                ? CallEnd.NEUTRAL
                : UpstreamErrors.throttled(status) ? CallEnd.THROTTLED : CallEnd.FAILURE;
        Duration pause =
                UpstreamErrors.retryAfter(answer.headers(), tools.clock().instant());
        release(report(end, Usage.NONE, pause == null ? 0 : pause.toMillis()));
        againOr(fault, Failover.cause(status));
    }

    private void broken(Attempt begun, Throwable cause) {
        boolean sent = !(cause instanceof UpstreamFailure failure) || failure.sent();
        if (sent) {
            begun.lost();
        } else {
            begun.refused();
        }
        Fault fault = cause instanceof UpstreamFailure failure ? failure.fault() : Fault.from(cause);
        release(report(CallEnd.FAILURE, Usage.NONE, 0));
        againOr(fault, sent ? Cause.LOST : Cause.NOT_SENT);
    }

    private void againOr(Fault fault, Cause cause) {
        exchange.timings().lap(Phase.UPSTREAM, tools.ticker().nanos());
        int untried = exchange.model().instances().size() - tried.size();
        boolean repeatable =
                operation.repeatable() || exchange.request().headers().contains("idempotency-key");
        boolean time = !exchange.call().deadline().spent(tools.ticker().nanos());
        if (time && tools.failover().again(tried.size(), cause, repeatable, untried)) {
            upstream = null;
            lastFault = fault;
            start();
        } else {
            finish(fault);
        }
    }

    private void stream(Adapter adapter, UpstreamCall opened, Attempt begun, HttpClientResponse response) {
        relay = new StreamRelay(tools, exchange, opened, begun, response, adapter.stream(), this::streamEnded);
        relay.start(left());
    }

    private void streamEnded(StreamRelay.End end) {
        release(report(end.end(), end.usage(), 0));
        exchange.work().tokens(end.usage().read(), end.usage().written());
        if (end.begun()) {
            over = true;
            exchange.streamed(end.fault());
            return;
        }
        relay = null;
        Fault fault = end.fault();
        if (fault != null && fault.code() != FaultCode.CANCELLED) {
            againOr(fault, fault.code() == FaultCode.OVERLOADED ? Cause.REFUSED : Cause.LOST);
        } else {
            finish(fault == null ? Fault.of(FaultCode.UPSTREAM_ERROR, "The model sent nothing.") : fault);
        }
    }

    private void finish(Fault fault) {
        if (over) {
            return;
        }
        over = true;
        exchange.retried(tried.size() > 1);
        exchange.resume(exchange.refuse(fault));
    }

    private Report report(CallEnd end, Usage usage, long retryAfterMillis) {
        return new Report(end, tools.ticker().nanos() - startNanos, firstByteNanos, retryAfterMillis, usage);
    }

    private void release(Report report) {
        if (grant != null) {
            tools.leases().release(grant, report, exchange.call().correlationId());
            grant = null;
        }
    }

    private Duration left() {
        long nanos = exchange.call().deadline().remainingNanos(tools.ticker().nanos());
        Duration own = exchange.model().timeout();
        Duration remaining = Duration.ofNanos(Math.max(1, nanos));
        return remaining.compareTo(own) < 0 ? remaining : own;
    }
}
