package dev.penstock.benchmarks.jmh;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.common.time.Ticker;
import dev.penstock.gateway.ai.Flights;
import dev.penstock.gateway.auth.Authenticator;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Step;
import dev.penstock.gateway.limit.Limiter;
import dev.penstock.gateway.money.MoneyParts;
import dev.penstock.gateway.policy.ModelNames;
import dev.penstock.gateway.stage.AccessLog;
import dev.penstock.gateway.stage.AdmitStage;
import dev.penstock.gateway.stage.AnswerHeaders;
import dev.penstock.gateway.stage.AuthenticateStage;
import dev.penstock.gateway.stage.AuthoriseStage;
import dev.penstock.gateway.stage.CorrelateStage;
import dev.penstock.gateway.stage.GuardStage;
import dev.penstock.gateway.stage.IdempotencyStage;
import dev.penstock.gateway.stage.NearCacheStage;
import dev.penstock.gateway.stage.RequestMetrics;
import dev.penstock.gateway.stage.RespondStage;
import dev.penstock.gateway.stage.SettleStage;
import dev.penstock.gateway.stage.Stage;
import dev.penstock.gateway.stage.ValidateStage;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.time.Clock;
import java.util.List;

/** The gateway's stages in its order and its way of driving them, without those that a hit never reaches. */
final class HitPipeline {
    private static final int RESPOND_FROM_END = 2;

    private final Stage[] stages;
    private final Ticker ticker;
    private final MultiMap headers = HttpHeaders.headers()
            .set("host", "127.0.0.1:8080")
            .set("content-type", "application/json")
            .set("content-length", Integer.toString(Pieces.EMBEDDING.length))
            .set("authorization", "Bearer " + Pieces.ADMIN_KEY);

    HitPipeline(Pieces pieces, Authenticator authenticator, Limiter limiter) {
        ServiceContext context = pieces.context;
        Clock clock = Clock.systemUTC();
        RequestMetrics metrics = new RequestMetrics(context.telemetry(), List.of());
        Flights flights = new Flights(context.bus(), context.ticker(), pieces.membership.self());
        ticker = context.ticker();
        stages = new Stage[] {
            new CorrelateStage(ticker, pieces.config.server().timeout(), metrics),
            new GuardStage(pieces.config.server().maxBody().bytes()),
            new AuthenticateStage(authenticator, ticker),
            new AuthoriseStage(),
            new AdmitStage(limiter, ticker, metrics),
            new ValidateStage(pieces.config, new ModelNames(pieces.config), pieces.hasher(), ticker),
            new NearCacheStage(pieces.near, ticker, clock),
            new RespondStage(pieces.near, new AnswerHeaders(clock), ticker),
            new SettleStage(
                    flights,
                    new IdempotencyStage(
                            context.bus(),
                            pieces.membership,
                            flights,
                            pieces.hasher(),
                            pieces.config.cache(),
                            ticker,
                            clock),
                    pieces.near,
                    new MoneyParts(context, clock).ledger(),
                    metrics,
                    new AccessLog(pieces.config.telemetry()),
                    request -> {})
        };
    }

    /** One request from its head to its answer. */
    Buffer hit(Buffer body) {
        FakeRequest request = new FakeRequest("/v1/embeddings", headers);
        Exchange exchange = new Exchange(request, ticker.nanos(), this::resume);
        resume(exchange, Step.NEXT);
        request.deliver(body);
        Buffer answer = request.answered();
        Fault fault = exchange.fault();
        if (answer == null || fault != null) {
            throw new IllegalStateException("no answer", fault);
        }
        return answer;
    }

    private void resume(Exchange exchange, Step from) {
        int respond = stages.length - RESPOND_FROM_END;
        Step step = from;
        while (step != Step.LATER) {
            int next = step == Step.ANSWER ? Math.max(respond, exchange.stage()) : exchange.stage();
            if (next >= stages.length) {
                return;
            }
            exchange.stage(next + 1);
            step = stages[next].enter(exchange);
        }
    }
}
