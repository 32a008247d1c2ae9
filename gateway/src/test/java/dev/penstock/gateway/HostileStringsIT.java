package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.testkit.Await;
import dev.penstock.testkit.TestServers;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every string parameter of every described operation, against a real database and without the rules in between. */
class HostileStringsIT {
    private static final String HOSTILE = "' OR 1=1--";
    private static final String HARMLESS = "nosuchvalue";
    private static final String RULES =
            "protection: {rules: {sql: off, script: off, traversal: off, command: off, split: off}}\n";

    private int asked;

    @Test
    void sqlInAParameterIsAsAnyUnknownValue(@TempDir Path folder) {
        try (GatewayFixture gateway = new GatewayFixture(
                folder, RULES, "", TestServers.freshDatabase().url())) {
            Await.until(
                    "Postgres is there",
                    Duration.ofSeconds(30),
                    () -> gateway.harness.context().postgres().available());
            JsonObject document =
                    new JsonObject(gateway.get("/docs/openapi.json").body());
            List<String> different = new ArrayList<>();
            document.getJsonObject("paths")
                    .forEach(path -> ((JsonObject) path.getValue()).forEach(method -> {
                        if (method.getValue() instanceof JsonObject described
                                && !path.getKey().endsWith("/stream")
                                && !path.getKey().endsWith("/events")) {
                            compare(gateway, path.getKey(), method.getKey(), described, document, different);
                        }
                    }));
            assertThat(different).isEmpty();
            assertThat(asked).as("parameters tried").isGreaterThan(50);
            assertThat(gateway.get("/api/admin/keys").statusCode()).isEqualTo(200);
        }
    }

    private void compare(
            GatewayFixture gateway,
            String path,
            String method,
            JsonObject described,
            JsonObject document,
            List<String> different) {
        List<String> query = new ArrayList<>();
        for (Object parameter : described.getJsonArray("parameters", new JsonArray())) {
            JsonObject one = resolve((JsonObject) parameter, document);
            if ("query".equals(one.getString("in"))) {
                query.add(one.getString("name"));
            }
        }
        Map<String, Object> fields = fields(described, document);
        List<String> places =
                new ArrayList<>(query.stream().map(name -> "?" + name).toList());
        if (path.contains("{")) {
            places.add("path");
        }
        fields.forEach((name, schema) -> {
            if ("string".equals(resolve((JsonObject) schema, document).getValue("type"))) {
                places.add(name);
            }
        });
        for (String place : places) {
            asked++;
            int plain = send(gateway, path, method, place, HARMLESS, fields.keySet());
            int hostile = send(gateway, path, method, place, HOSTILE, fields.keySet());
            // Names have an alphabet, so that 400 may come where another value would have been taken or not found.
            boolean refused = hostile == 400 || hostile == 422;
            if (hostile != plain && !refused) {
                different.add(method + " " + path + " " + place + ": " + plain + " and " + hostile);
            }
            if (hostile >= 500 && hostile != 503) {
                different.add(method + " " + path + " " + place + ": " + hostile);
            }
        }
    }

    private static int send(
            GatewayFixture gateway, String path, String method, String place, String value, Iterable<String> fields) {
        // What an earlier call made under the harmless name must not be found by it.
        String asked = place.equals("path") && value.equals(HARMLESS) ? "neverthere" : value;
        String coded = URLEncoder.encode(asked, StandardCharsets.UTF_8).replace("+", "%20");
        String target = path.replaceAll("\\{\\w+}", place.equals("path") ? coded : HARMLESS)
                .replace("*", "overview");
        if (place.startsWith("?")) {
            target += place + "=" + coded;
        }
        JsonObject body = new JsonObject();
        for (String field : fields) {
            if (field.equals(place)) {
                body.put(field, value);
            }
        }
        HttpResponse<String> answer = gateway.send(gateway.request(target, "Content-Type", "application/json")
                .method(method.toUpperCase(Locale.ROOT), BodyPublishers.ofString(body.encode()))
                .build());
        return answer.statusCode();
    }

    private static Map<String, Object> fields(JsonObject described, JsonObject document) {
        JsonObject content =
                described.getJsonObject("requestBody", new JsonObject()).getJsonObject("content", new JsonObject());
        JsonObject schema =
                content.getJsonObject("application/json", new JsonObject()).getJsonObject("schema", new JsonObject());
        Map<String, Object> all = new LinkedHashMap<>();
        resolve(schema, document)
                .getJsonObject("properties", new JsonObject())
                .forEach(property -> all.put(property.getKey(), property.getValue()));
        return all;
    }

    private static JsonObject resolve(JsonObject value, JsonObject document) {
        String reference = value.getString("$ref");
        if (reference == null) {
            return value;
        }
        JsonObject found = document;
        for (String part : reference.substring(2).split("/", -1)) {
            found = found.getJsonObject(part);
        }
        return found;
    }
}
