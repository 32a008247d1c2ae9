package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.gateway.auth.AccessRole;
import dev.penstock.gateway.auth.TestTokens;
import dev.penstock.gateway.exchange.Route;
import dev.penstock.gateway.ops.Operations;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Everything that the gateway serves, asked by everybody: the two tables alone decide who gets past the door. */
class AuthorisationMatrixTest {
    /** A stream has no end to wait for; its own test opens it. */
    private static final Set<Operations> ENDLESS = Set.of(Operations.ALERT_EVENTS);

    /** Told to everybody that they are not here. */
    private static final Set<Route> NOT_SERVED = Set.of(Route.UNKNOWN, Route.STORED_RESPONSE, Route.UPSTREAM);

    @TempDir
    static Path folder;

    private static GatewayFixture gateway;
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @BeforeAll
    static void start() {
        gateway = new GatewayFixture(folder, "");
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    static Stream<Arguments> operations() {
        return Stream.of(Operations.values()).flatMap(AuthorisationMatrixTest::byEverybody);
    }

    static Stream<Arguments> routes() {
        return Stream.of(Route.values()).flatMap(AuthorisationMatrixTest::byEverybody);
    }

    private static Stream<Arguments> byEverybody(Enum<?> what) {
        return Stream.concat(
                Stream.of(Arguments.of(what, null)),
                Stream.of(AccessRole.values()).map(role -> Arguments.of(what, role)));
    }

    @ParameterizedTest
    @MethodSource("operations")
    void anOperationIsOpenToItsRoleAndThoseAboveIt(Operations operation, AccessRole role) {
        if (ENDLESS.contains(operation) && role != null) {
            return;
        }
        String path = operation.path().replaceAll("\\{\\w+}", "missing").replace("*", "overview");
        HttpResponse<String> answer = send(operation.method().name(), path, role);
        boolean allowed = operation.role() == null || (role != null && role.covers(operation.role()));
        if (allowed) {
            assertThat(answer.statusCode()).as(answer.body()).isNotIn(401, 403, 405, 500);
        } else {
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(role == null ? 401 : 403);
            assertThat(new JsonObject(answer.body()).getInteger("status")).isEqualTo(answer.statusCode());
        }
        assertThat(answer.headers().firstValue("x-content-type-options")).hasValue("nosniff");
        assertThat(answer.headers().firstValue("x-request-id")).isPresent();
    }

    @ParameterizedTest
    @MethodSource("routes")
    void whatIsBelowV1IsOpenToEveryRoleAndToNobodyElse(Route route, AccessRole role) {
        String path = route.pattern().replaceAll("\\{\\w+}", "embed").replace("*", "nothing");
        HttpResponse<String> answer = send(route.method(), path, role);
        if (NOT_SERVED.contains(route)) {
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(404);
        } else if (role == null) {
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(401);
            assertThat(new JsonObject(answer.body()).getJsonObject("error").getString("message"))
                    .contains("No key and no token");
        } else {
            assertThat(answer.statusCode()).as(answer.body()).isNotIn(401, 403, 405, 500);
        }
    }

    @Test
    void whatChangesSomethingForOthersIsForAdministrators() {
        List<Operations> open = new ArrayList<>();
        for (Operations operation : Operations.values()) {
            if (operation.path().startsWith("/api/admin/") && operation.role() != AccessRole.ADMIN) {
                open.add(operation);
            }
        }
        assertThat(open).isEmpty();
    }

    private static HttpResponse<String> send(String method, String path, AccessRole role) {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + path))
                .method(method, BodyPublishers.ofString(""));
        if (role != null) {
            request.header("Authorization", "Bearer " + TestTokens.access("a-secret-for-tests", role));
        }
        try {
            return CLIENT.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(method + " " + path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
