package dev.penstock.gateway.route;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.pool.Pick;
import dev.penstock.common.pool.Selection;
import dev.penstock.common.pool.policy.Outcome;
import dev.penstock.common.upstream.UpstreamErrors;
import dev.penstock.gateway.exchange.Answer.Relayed;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Timings.Phase;
import dev.penstock.gateway.guard.content.ContentCheck;
import dev.penstock.gateway.guard.content.ContentCheck.Checked;
import dev.penstock.gateway.guard.content.Magic;
import dev.penstock.gateway.http.Edge;
import dev.penstock.gateway.route.policy.Repetition;
import dev.penstock.gateway.route.policy.Repetition.Reached;
import dev.penstock.gateway.route.policy.RouteTarget;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request's way to an upstream, and the attempts it takes until an answer's first byte. Confined to the request's
 * event loop. Nothing of a body is held beyond the bounds of the route.
 */
final class Passage {
    private static final Logger log = LoggerFactory.getLogger(Passage.class);
    private static final long CANCEL_CODE = 0x8; // CANCEL of HTTP/2; closes the connection of HTTP/1.1

    private final Exchange exchange;
    private final RouteTarget target;
    private final UpstreamRoute route;
    private final RequestBody body;
    private final Watch watch;
    private final boolean repeatable;
    private final int mostAttempts;
    private Selection selection;
    private @Nullable Buffer whole;
    private @Nullable UploadCheck checking;
    /** The body as a file, once it was found harmless; null for others. */
    private @Nullable Checked checked;

    private boolean streaming;
    private int attempts;
    private long attemptNanos;
    private @Nullable Pick choice;
    private @Nullable HttpClientRequest upstream;
    /** Counts attempts, so that what an abandoned one still reports is ignored. */
    private int current;

    private boolean over;

    Passage(Exchange exchange, RouteTarget target, UpstreamRoute route) {
        this.exchange = exchange;
        this.target = target;
        this.route = route;
        this.selection = route.selection(exchange, target);
        HttpServerRequest request = exchange.request();
        this.watch = new Watch(route.vertx(), route.ticker(), exchange.call().deadline(), this::expired);
        this.body = new RequestBody(request, route.mostBody(), watch::moved);
        this.mostAttempts = route.pool().config().retries().attempts();
        this.repeatable =
                Repetition.repeatable(request.method().name(), request.headers().contains(RouteGuard.IDEMPOTENCY_KEY));
    }

    void begin() {
        exchange.onHangUp(this::hungUp);
        watch.allow(route.idleNanos());
        if (!RouteGuard.hasBody(exchange.request())) {
            whole = Buffer.buffer();
            validated(Buffer.buffer());
            return;
        }
        Edge.proceed(exchange.request());
        ContentCheck uploads = route.uploads();
        if (uploads != null) {
            check(uploads);
            return;
        }
        long length = RouteGuard.length(exchange.request());
        boolean small =
                length >= 0 && length <= target.route().config().maxRepeatBody().bytes();
        boolean hold = route.validation() != null || (repeatable && mostAttempts > 1 && small);
        boolean look = !target.route().config().contentTypes().isEmpty();
        if (hold) {
            body.hold(Long.MAX_VALUE, () -> held(true));
        } else if (look) {
            body.hold(Magic.NEEDED, () -> held(body.complete()));
        } else {
            attempt();
        }
    }

    private void check(ContentCheck uploads) {
        UploadCheck check = new UploadCheck(exchange, route.mostBody(), watch::moved);
        checking = check;
        check.run(uploads).onComplete(result -> {
            checking = null;
            if (result.failed()) {
                refuse(Fault.from(result.cause()), Outcome.NEUTRAL);
            } else if (over) {
                result.result().discard();
            } else {
                checked = result.result();
                attempt();
            }
        });
    }

    private void held(boolean all) {
        if (over) {
            return;
        }
        Fault broken = body.fault();
        if (broken != null) {
            refuse(broken, Outcome.NEUTRAL);
            return;
        }
        String wrong = RouteGuard.content(exchange.request(), target.route(), body.held());
        if (wrong != null) {
            refuse(Fault.of(FaultCode.UNSUPPORTED_MEDIA_TYPE, wrong), Outcome.NEUTRAL);
            return;
        }
        if (all) {
            whole = body.held();
            validated(body.held());
        } else {
            attempt();
        }
    }

    private void validated(Buffer all) {
        Validation validation = route.validation();
        if (validation == null) {
            attempt();
            return;
        }
        validation.check(exchange, target, all).onComplete(verdict -> {
            if (over) {
                return;
            }
            if (verdict.failed()) {
                refuse(Fault.from(verdict.cause()), Outcome.NEUTRAL);
            } else {
                attempt();
            }
        });
    }

    private void attempt() {
        Pick chosen;
        try {
            chosen = route.pool().pick(selection);
        } catch (Fault nobody) {
            refuse(nobody, Outcome.NEUTRAL);
            return;
        }
        attempts++;
        int mine = ++current;
        choice = chosen;
        selection = selection.after(chosen.instance().name());
        attemptNanos = route.ticker().nanos();
        exchange.work().answered(chosen.instance().name(), attempts, 0);
        watch.allow(route.connectNanos());
        route.pool().client().request(route.options(exchange, target, chosen)).onComplete(opened -> {
            if (opened.failed()) {
                if (mine == current && !over) {
                    log.debug("no connection", opened.cause());
                    failed(Reached.NOTHING, route.unreachable(opened.cause()));
                }
            } else if (mine != current || over) {
                opened.result().reset(CANCEL_CODE);
            } else {
                send(opened.result(), chosen, mine);
            }
        });
    }

    private void send(HttpClientRequest request, Pick chosen, int mine) {
        upstream = request;
        request.headers().addAll(MessageHeaders.forUpstream(exchange, target, false));
        route.requestRules()
                .apply(
                        request.headers(),
                        variable -> MessageHeaders.value(
                                variable, exchange, target, chosen.instance().name()));
        if (target.route().config().preserveHost()) {
            request.authority(UpstreamRoute.authority(target, exchange));
        }
        request.exceptionHandler(broken -> {}); // told by the response's future as well
        request.response().onComplete(result -> {
            if (mine != current || over) {
                return;
            }
            if (result.failed() || !status(result.result().statusCode())) {
                log.debug("no answer", result.cause());
                failed(
                        Reached.SENT,
                        Fault.of(
                                FaultCode.UPSTREAM_ERROR,
                                "The server broke off before it answered, or answered garbage."));
            } else {
                answered(result.result());
            }
        });
        Buffer all = whole;
        if (all != null) {
            framing(request, all.length() > 0 || RouteGuard.length(exchange.request()) == 0 ? all.length() : -1);
            watch.allow(route.firstByteNanos());
            request.end(all);
            return;
        }
        Checked file = checked;
        if (file != null) {
            framing(request, file.length());
            watch.allow(route.idleNanos());
            sendFile(request, file, mine);
            return;
        }
        streaming = true;
        long length = RouteGuard.length(exchange.request());
        if (length < 0) {
            request.setChunked(true);
        }
        framing(request, length);
        watch.allow(route.idleNanos());
        body.pass(request, broken -> passed(request, broken, mine));
    }

    /** Whether a status is one that ends a request; a switch of protocols that nobody asked for does not. */
    private static boolean status(int code) {
        return code >= 200 && code <= 599;
    }

    private void sendFile(HttpClientRequest request, Checked file, int mine) {
        CheckedFile.send(file, request, watch::moved, () -> mine == current && !over)
                .onComplete(sent -> {
                    if (mine == current && !over) {
                        if (sent.failed()) {
                            refuse(Fault.from(sent.cause()), Outcome.NEUTRAL);
                        } else {
                            watch.allow(route.firstByteNanos());
                        }
                    }
                });
    }

    private static void framing(HttpClientRequest request, long length) {
        if (length >= 0) {
            request.putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(length));
        }
    }

    private void passed(HttpClientRequest request, @Nullable Fault broken, int mine) {
        if (mine != current) {
            return;
        }
        if (broken != null) {
            refuse(broken, Outcome.NEUTRAL);
            return;
        }
        if (!over) {
            watch.allow(route.firstByteNanos());
        }
        request.end(); // also where the answer has begun already
    }

    private void answered(HttpClientResponse response) {
        long nanos = route.ticker().nanos() - attemptNanos;
        Pick chosen = Objects.requireNonNull(choice);
        boolean refused = Repetition.refused(response.statusCode());
        if (refused && again(Reached.REFUSED)) {
            chosen.done(outcome(response), nanos, pause(response));
            choice = null;
            cancel();
            attempt();
            return;
        }
        response.pause();
        choice = null;
        chosen.done(outcome(response), nanos, pause(response));
        over = true;
        watch.stop();
        exchange.timings().lap(Phase.UPSTREAM, route.ticker().nanos());
        HttpClientRequest request = Objects.requireNonNull(upstream);
        discard(); // what is being sent of it stays readable
        exchange.resume(exchange.answer(new Relayed(
                to -> new AnswerRelay(exchange, target, route, request, response, streaming ? body : null, chosen)
                        .begin(to))));
    }

    static Outcome outcome(HttpClientResponse response) {
        return Outcome.ofStatus(response.statusCode(), response.headers().contains(HttpHeaders.RETRY_AFTER));
    }

    /** How long a server asks to be left alone; null where it does not say. */
    static @Nullable Duration pause(HttpClientResponse response) {
        boolean asks = response.statusCode() == 429 || response.statusCode() == 503;
        return asks ? UpstreamErrors.retryAfter(response.headers(), Instant.now()) : null;
    }

    private void failed(Reached reached, Fault fault) {
        Outcome outcome = reached == Reached.NOTHING ? Outcome.UNREACHABLE : Outcome.FAILURE;
        if (again(reached)) {
            release(outcome);
            cancel();
            attempt();
        } else {
            refuse(fault, outcome);
        }
    }

    /** Takes from the budget if everything else allows another attempt. */
    private boolean again(Reached reached) {
        boolean kept = whole != null || !streaming;
        boolean may = Repetition.again(reached, repeatable, kept, attempts, mostAttempts);
        return may
                && !exchange.call().deadline().spent(route.ticker().nanos())
                && route.pool().retryAllowed();
    }

    private void expired() {
        if (over) {
            return;
        }
        boolean connecting = upstream == null || (whole == null && checked == null && !streaming);
        boolean spent = exchange.call().deadline().spent(route.ticker().nanos());
        boolean callersSilence = streaming && !body.complete();
        if (choice == null || callersSilence) {
            refuse(
                    Fault.detailed(FaultCode.INVALID_REQUEST, 408, "The body did not arrive in time.", null, null),
                    Outcome.NEUTRAL);
        } else if (spent) {
            refuse(Fault.of(FaultCode.TIMEOUT, "The time for this request was spent."), Outcome.FAILURE);
        } else {
            failed(
                    connecting ? Reached.NOTHING : Reached.SENT,
                    Fault.of(FaultCode.TIMEOUT, "The server did not answer in time."));
        }
    }

    private void refuse(Fault fault, Outcome outcome) {
        if (over) {
            return;
        }
        over = true;
        watch.stop();
        release(outcome);
        cancel();
        exchange.retried(attempts > 1);
        exchange.timings().lap(Phase.UPSTREAM, route.ticker().nanos());
        RouteGuard.unread(exchange, body);
        if (checking != null) {
            checking.giveUp();
        }
        discard();
        exchange.resume(exchange.refuse(fault));
    }

    private void hungUp() {
        if (!over) {
            refuse(Exchange.gone(), Outcome.NEUTRAL);
        }
    }

    private void discard() {
        Checked file = checked;
        checked = null;
        if (file != null) {
            file.discard();
        }
    }

    private void release(Outcome outcome) {
        Pick held = choice;
        choice = null;
        if (held != null) {
            held.done(outcome, 0, null);
        }
    }

    private void cancel() {
        current++;
        HttpClientRequest request = upstream;
        upstream = null;
        if (request != null) {
            request.reset(CANCEL_CODE);
        }
    }
}
