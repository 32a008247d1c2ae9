package dev.penstock.gateway.auth;

import io.vertx.core.MultiMap;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/** What a request shows of who it is. */
sealed interface Credential {
    /** A key, from {@code Authorization}, {@code x-api-key} or a socket's subprotocol. */
    record Key(String text) implements Credential {
        @Override
        public String toString() {
            return "Key[********]";
        }
    }

    /** A signed token, from {@code Authorization} or a socket's subprotocol. */
    record Token(String text) implements Credential {
        @Override
        public String toString() {
            return "Token[********]";
        }
    }

    /** A browser's session cookie. */
    record Session(String token) implements Credential {
        @Override
        public String toString() {
            return "Session[********]";
        }
    }

    record None() implements Credential {
        static final None INSTANCE = new None();
    }

    CharSequence API_KEY = HttpHeaders.createOptimized("x-api-key");
    String BEARER = "bearer ";
    String COOKIE = "penstock_session";

    /** The first of {@code Authorization}, {@code x-api-key}, subprotocol and cookie that is there. */
    static Credential of(HttpServerRequest request) {
        MultiMap headers = request.headers();
        String authorization = headers.get(HttpHeaders.AUTHORIZATION);
        if (authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return bearer(authorization.substring(BEARER.length()).strip());
        }
        String apiKey = headers.get(API_KEY);
        if (apiKey != null) {
            return new Key(apiKey);
        }
        String offered = upgrading(headers) ? Subprotocols.key(headers) : null;
        if (offered != null) {
            return bearer(offered);
        }
        Cookie cookie = headers.contains(HttpHeaders.COOKIE) ? request.getCookie(COOKIE) : null;
        return cookie == null ? None.INSTANCE : new Session(cookie.getValue());
    }

    private static Credential bearer(String text) {
        return TokenAuthenticator.looksLikeOne(text) ? new Token(text) : new Key(text);
    }

    static boolean upgrading(MultiMap headers) {
        @Nullable String upgrade = headers.get(HttpHeaders.UPGRADE);
        return upgrade != null && upgrade.equalsIgnoreCase("websocket");
    }
}
