package dev.penstock.gateway.oidc;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import dev.penstock.common.config.OidcConfig;
import dev.penstock.common.time.Ticker;
import dev.penstock.gateway.oidc.policy.KeyTrust;
import dev.penstock.gateway.oidc.policy.KeyTrust.Unknown;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.text.ParseException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The public keys of one issuer, in memory: found through its discovery document, read again at an interval, and once
 * for a key that is not known. Answers from any thread at once; reading is done on one context.
 */
final class IssuerKeys {
    private static final Logger log = LoggerFactory.getLogger(IssuerKeys.class);
    private static final String DISCOVERY = "/.well-known/openid-configuration";
    /** As long as nothing was read, more often. */
    private static final long RETRY_MILLIS = 2_000;

    /** What a search for a key gives. */
    sealed interface Found {
        record Key(JWK key) implements Found {}

        /** The issuer has no such key. */
        record None() implements Found {}

        /** It cannot be said now. */
        record Later() implements Found {}
    }

    private record View(JWKSet keys, KeyTrust trust, boolean reading) {}

    private final Vertx vertx;
    private final Context context;
    private final OidcConfig config;
    private final BoundedFetch fetch;
    private final Ticker ticker;
    private volatile View view = new View(new JWKSet(), KeyTrust.NEW, false);
    private volatile boolean stopped;

    IssuerKeys(Vertx vertx, OidcConfig config, BoundedFetch fetch, Ticker ticker) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.config = config;
        this.fetch = fetch;
        this.ticker = ticker;
    }

    void start() {
        context.runOnContext(ignored -> readAgainAndAgain());
    }

    void stop() {
        stopped = true;
    }

    Found find(String id) {
        View now = view;
        long nanos = ticker.nanos();
        if (!now.trust().holds(nanos, config.keysTrusted())) {
            return new Found.Later();
        }
        JWK key = now.keys().getKeyByKeyId(id);
        if (key != null) {
            return new Found.Key(key);
        }
        return switch (now.trust().unknown(nanos, config.refresh(), now.reading())) {
            case REFUSE -> new Found.None();
            case WAIT -> new Found.Later();
            case READ -> {
                context.runOnContext(ignored -> readForUnknown());
                yield new Found.Later();
            }
        };
    }

    /** Whether tokens can be judged now. */
    boolean usable() {
        return view.trust().holds(ticker.nanos(), config.keysTrusted());
    }

    /** Many tokens may have asked before the first of them is served. */
    private void readForUnknown() {
        if (view.trust().unknown(ticker.nanos(), config.refresh(), view.reading()) == Unknown.READ) {
            read().onComplete(done -> {});
        }
    }

    private void readAgainAndAgain() {
        if (stopped) {
            return;
        }
        read().onComplete(done -> {
            long wait = view.trust().read()
                    ? config.refresh().toMillis()
                    : Math.min(RETRY_MILLIS, config.refresh().toMillis());
            vertx.setTimer(Math.max(1, wait), id -> readAgainAndAgain());
        });
    }

    /** Never fails. */
    private Future<Void> read() {
        View before = view;
        if (before.reading()) {
            return Future.succeededFuture();
        }
        view = new View(before.keys(), before.trust().begun(ticker.nanos()), true);
        return fetch.json(config.issuer().replaceAll("/+$", "") + DISCOVERY)
                .compose(this::keysUrl)
                .compose(fetch::json)
                .map(IssuerKeys::parsed)
                .transform(result -> {
                    // Back on our context: the client may have answered on another.
                    Promise<Void> done = Promise.promise();
                    context.runOnContext(ignored -> {
                        taken(result.succeeded() ? result.result() : null, result.cause());
                        done.complete();
                    });
                    return done.future();
                });
    }

    private void taken(@Nullable JWKSet keys, @Nullable Throwable cause) {
        View now = view;
        if (keys == null) {
            if (!now.trust().failing()) {
                log.warn("the keys of the issuer {} cannot be read: {}", config.name(), String.valueOf(cause));
            }
            view = new View(now.keys(), now.trust().failed(), false);
            return;
        }
        if (now.trust().failing() || !now.trust().read()) {
            log.info("the issuer {} has {} keys", config.name(), keys.size());
        }
        view = new View(keys, now.trust().succeeded(ticker.nanos()), false);
    }

    /** The document must be the issuer's own (OpenID Connect Discovery §4.3), and no less protected than it is asked for. */
    private Future<String> keysUrl(JsonObject document) {
        if (!(document.getValue("issuer") instanceof String issuer) || !issuer.equals(config.issuer())) {
            return Future.failedFuture(new IOException("the discovery document is of another issuer"));
        }
        if (!(document.getValue("jwks_uri") instanceof String url)) {
            return Future.failedFuture(new IOException("the discovery document has no jwks_uri"));
        }
        if (config.issuer().startsWith("https://") && !url.startsWith("https://")) {
            return Future.failedFuture(new IOException("jwks_uri is not https"));
        }
        return Future.succeededFuture(url);
    }

    private static JWKSet parsed(JsonObject document) {
        try {
            return JWKSet.parse(document.encode());
        } catch (ParseException e) {
            throw new IllegalArgumentException("the issuer's key set cannot be read", e);
        }
    }
}
