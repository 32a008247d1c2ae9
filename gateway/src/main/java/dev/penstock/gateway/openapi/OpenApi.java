package dev.penstock.gateway.openapi;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * Makes the OpenAPI 3.1 document. What can be known from the tables (paths, methods, roles, limits, refusals) is taken from
 * them; bodies and parameters come from {@code openapi/operations.yaml}, by the operation's id. Pure but for reading that
 * file.
 */
public final class OpenApi {
    private static final String FILE = "/openapi/operations.yaml";
    private static final Pattern PARAMETER = Pattern.compile("\\{(\\w+)}");
    private static final String AI = "AI";

    private final JsonObject details;
    private final JsonObject components;

    private OpenApi(JsonObject file) {
        this.details = file.getJsonObject("operations");
        this.components = file.getJsonObject("components");
    }

    /** Reads the bodies and parameters. Blocks. */
    public static OpenApi load() {
        try (InputStream in = OpenApi.class.getResourceAsStream(FILE)) {
            if (in == null) {
                throw new IllegalStateException(FILE + " is not on the classpath");
            }
            var settings = LoadSettings.builder().build();
            @SuppressWarnings("unchecked") // the file's outermost node is a mapping with text keys
            Map<String, Object> tree = (Map<String, Object>) new Load(settings).loadFromInputStream(in);
            return new OpenApi(new JsonObject(tree));
        } catch (IOException e) {
            throw new UncheckedIOException(FILE + " cannot be read", e);
        }
    }

    /** Ids that the file describes: a test compares them with the tables. */
    public Set<String> ids() {
        return new TreeSet<>(details.fieldNames());
    }

    /** The document. */
    public JsonObject document(String version, List<Described> operations) {
        JsonObject paths = new JsonObject();
        JsonArray tags = new JsonArray();
        operations.stream().map(Described::tag).distinct().forEach(tag -> tags.add(new JsonObject().put("name", tag)));
        for (Described one : operations) {
            String path = path(one.path());
            if (paths.getJsonObject(path) == null) {
                paths.put(path, new JsonObject());
            }
            paths.getJsonObject(path).put(one.method().toLowerCase(Locale.ROOT), operation(one));
        }
        return new JsonObject()
                .put("openapi", "3.1.0")
                .put(
                        "info",
                        new JsonObject()
                                .put("title", "Penstock")
                                .put("version", version)
                                .put("summary", "A gateway for AI models and HTTP services.")
                                .put(
                                        "license",
                                        new JsonObject()
                                                .put("name", "Apache-2.0")
                                                .put("identifier", "Apache-2.0")))
                .put("servers", new JsonArray().add(new JsonObject().put("url", "/")))
                .put("tags", tags)
                .put("security", security())
                .put("paths", paths)
                .put("components", components.copy().put("securitySchemes", schemes()));
    }

    /** A trailing {@code /*} becomes a parameter: OpenAPI knows no open end. */
    public static String path(String pattern) {
        return pattern.endsWith("/*") ? pattern.substring(0, pattern.length() - 1) + "{rest}" : pattern;
    }

    private JsonObject operation(Described one) {
        JsonObject own = details.getJsonObject(one.id(), new JsonObject());
        JsonObject made = new JsonObject()
                .put("operationId", camel(one.id()))
                .put("summary", own.getString("summary", one.summary()))
                .put("tags", new JsonArray().add(one.tag()));
        String text = own.getString("description");
        if (text != null) {
            made.put("description", text);
        }
        JsonArray parameters = parameters(one, own.getJsonArray("parameters"));
        if (!parameters.isEmpty()) {
            made.put("parameters", parameters);
        }
        JsonObject request = own.getJsonObject("request");
        if (request != null) {
            made.put("requestBody", body(request).put("required", own.getBoolean("body-required", true)));
        }
        made.put("responses", responses(one, own));
        if (one.role() == null) {
            made.put("security", new JsonArray());
        } else {
            made.put("x-role", one.role());
        }
        if (one.limit() != null) {
            made.put("x-rate-class", one.limit());
        }
        return made;
    }

    private static JsonArray parameters(Described one, @Nullable JsonArray own) {
        JsonArray all = new JsonArray();
        Matcher names = PARAMETER.matcher(path(one.path()));
        while (names.find()) {
            all.add(new JsonObject()
                    .put("name", names.group(1))
                    .put("in", "path")
                    .put("required", true)
                    .put("schema", new JsonObject().put("type", "string")));
        }
        if (own != null) {
            all.addAll(own);
        }
        return all;
    }

    private static JsonObject responses(Described one, JsonObject own) {
        JsonObject responses = new JsonObject();
        String good = String.valueOf(own.getValue("status", "200"));
        JsonObject answer = own.getJsonObject("answer");
        JsonObject described = answer == null ? new JsonObject() : body(answer);
        responses.put(good, described.put("description", good.equals("101") ? "The socket is open." : "Done."));
        if (own.getJsonObject("request") != null || own.getJsonArray("parameters") != null) {
            responses.put("400", problem(one, "Something in the request is wrong; the body names it."));
        }
        if (one.role() != null) {
            responses.put("401", problem(one, "No credential, or one that is not good."));
            responses.put("403", problem(one, "The credential may not do this."));
        }
        if (one.limit() != null) {
            responses.put("429", problem(one, "A limit or a budget is used up; the headers say until when."));
        }
        responses.put("default", problem(one, "It could not be done."));
        return responses;
    }

    private static JsonObject problem(Described one, String text) {
        String kind = one.path().startsWith("/v1/messages")
                ? "AnthropicError"
                : one.tag().equals(AI) ? "Error" : "Problem";
        String type = kind.equals("Problem") ? "application/problem+json" : "application/json";
        JsonObject schema = new JsonObject().put("$ref", "#/components/schemas/" + kind);
        return new JsonObject()
                .put("description", text)
                .put("content", new JsonObject().put(type, new JsonObject().put("schema", schema)));
    }

    /** A schema under {@code application/json}, unless the entry names media types itself. */
    private static JsonObject body(JsonObject entry) {
        JsonObject content = entry.getJsonObject("content");
        return new JsonObject()
                .put(
                        "content",
                        content == null
                                ? new JsonObject().put("application/json", new JsonObject().put("schema", entry))
                                : content);
    }

    private static JsonArray security() {
        return new JsonArray()
                .add(new JsonObject().put("bearer", new JsonArray()))
                .add(new JsonObject().put("key", new JsonArray()))
                .add(new JsonObject().put("session", new JsonArray()));
    }

    private static JsonObject schemes() {
        return new JsonObject()
                .put(
                        "bearer",
                        new JsonObject()
                                .put("type", "http")
                                .put("scheme", "bearer")
                                .put("description", "A key or an access token."))
                .put(
                        "key",
                        new JsonObject()
                                .put("type", "apiKey")
                                .put("in", "header")
                                .put("name", "x-api-key")
                                .put("description", "A key."))
                .put(
                        "session",
                        new JsonObject()
                                .put("type", "apiKey")
                                .put("in", "cookie")
                                .put("name", "penstock_session")
                                .put("description", "The cookie of POST /api/auth/session."));
    }

    /** {@code KEY_CREATE} is shown as {@code keyCreate}. */
    private static String camel(String id) {
        StringBuilder text = new StringBuilder();
        for (String word : id.split("_", -1)) {
            String small = word.toLowerCase(Locale.ROOT);
            text.append(text.isEmpty() ? small : Character.toUpperCase(small.charAt(0)) + small.substring(1));
        }
        return text.toString();
    }
}
