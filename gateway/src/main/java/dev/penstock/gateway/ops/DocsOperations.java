package dev.penstock.gateway.ops;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.gateway.openapi.Described;
import dev.penstock.gateway.openapi.OpenApi;
import dev.penstock.gateway.ops.Bundle.Asset;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.zip.GZIPOutputStream;

/** The API's description, and the page to try it on: Swagger UI from its published archive, nothing fetched from outside. */
final class DocsOperations {
    private static final String PREFIX = "/docs/";
    private static final String VERSION = "0.1.0";
    private static final String UI = "/META-INF/resources/webjars/swagger-ui/";
    private static final List<String> UI_FILES = List.of("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png");
    private static final List<String> OWN_FILES = List.of("index.html", "docs.js", "docs.css");
    private static final String DOCUMENT = "openapi.json";

    private final Supplier<Bundle> files;

    DocsOperations(Supplier<Bundle> files) {
        this.files = files;
    }

    void register(Map<Operations, OperationHandler> handlers) {
        handlers.put(Operations.DOCS, call -> file(call.request(), "index.html"));
        handlers.put(Operations.DOCS_FILES, this::named);
        handlers.put(Operations.OPENAPI, call -> file(call.request(), DOCUMENT));
    }

    private Future<Answer> named(OpsCall call) {
        String path = call.request().path();
        return file(call.request(), path == null ? "" : path.substring(PREFIX.length()));
    }

    private Future<Answer> file(HttpServerRequest request, String name) {
        Asset asset = files.get().find(name.isEmpty() ? "index.html" : name);
        return asset == null
                ? Future.failedFuture(Fault.of(FaultCode.NOT_FOUND, "There is no such file; the page is at /docs."))
                : FileAnswer.of(request, asset, "no-cache");
    }

    /** Reads the page's files and makes the document. Blocks. */
    static Bundle load() {
        Map<String, byte[]> files = new HashMap<>();
        for (String name : OWN_FILES) {
            files.put(name, read("/openapi/page/" + name));
        }
        for (String name : UI_FILES) {
            files.put(name, read(UI + SwaggerUi.VERSION + '/' + name));
        }
        files.put(
                DOCUMENT,
                OpenApi.load().document(VERSION, operations()).encode().getBytes(StandardCharsets.UTF_8));
        Map<String, byte[]> all = new HashMap<>(files);
        files.forEach((name, content) -> all.put(name + ".gz", gzip(content)));
        return Bundle.of(all);
    }

    /** Every operation of both tables, in their order. */
    static List<Described> operations() {
        List<Described> all = new ArrayList<>(AiDescriptions.all());
        for (Operations one : Operations.values()) {
            boolean counted = one.limit() != Operations.Limit.NONE;
            all.add(new Described(
                    one.name(),
                    one.method().name(),
                    one.path(),
                    one.role() == null ? null : one.role().label(),
                    counted ? one.limit().label() : null,
                    one.summary(),
                    tag(one.path())));
        }
        return all;
    }

    /** {@code /api/admin/keys} belongs to {@code admin}. */
    private static String tag(String path) {
        String[] parts = path.split("/", -1);
        return (parts[1].equals("api") ? parts[2] : parts[1]).toLowerCase(Locale.ROOT);
    }

    private static byte[] read(String resource) {
        try (InputStream in = DocsOperations.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is not on the classpath");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(resource + " cannot be read", e);
        }
    }

    private static byte[] gzip(byte[] content) {
        var bytes = new ByteArrayOutputStream(content.length / 3 + 64);
        try (var out = new GZIPOutputStream(bytes)) {
            out.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException("a file in memory cannot be compressed", e);
        }
        return bytes.toByteArray();
    }
}
