package dev.penstock.gateway.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.gateway.openapi.Described;
import dev.penstock.gateway.openapi.OpenApi;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The API's description says what the server does, no less and no more. */
class DocsTest {
    private static final Set<String> WITH_BODY = Set.of("POST", "PUT", "PATCH");

    @TempDir
    Path folder;

    private final JsonObject document = OpenApi.load().document("1", DocsOperations.operations());

    @Test
    void everyOperationOfTheTablesIsInTheDocumentAndNothingElse() {
        Set<String> expected = DocsOperations.operations().stream()
                .map(one -> one.method() + ' ' + OpenApi.path(one.path()))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> described = new TreeSet<>();
        JsonObject paths = document.getJsonObject("paths");
        for (String path : paths.fieldNames()) {
            paths.getJsonObject(path)
                    .fieldNames()
                    .forEach(method -> described.add(method.toUpperCase(Locale.ROOT) + ' ' + path));
        }
        assertThat(described).isEqualTo(expected);
    }

    @Test
    void theFileOfBodiesNamesEveryOperationAndNoOther() {
        Set<String> known =
                DocsOperations.operations().stream().map(Described::id).collect(Collectors.toCollection(TreeSet::new));
        assertThat(OpenApi.load().ids()).isEqualTo(known);
    }

    @Test
    void whatTakesABodySaysWhichOne() {
        for (Described one : DocsOperations.operations()) {
            if (WITH_BODY.contains(one.method())) {
                JsonObject operation = document.getJsonObject("paths")
                        .getJsonObject(OpenApi.path(one.path()))
                        .getJsonObject(one.method().toLowerCase(Locale.ROOT));
                assertThat(operation.getJsonObject("requestBody")).as(one.id()).isNotNull();
            }
        }
    }

    @Test
    void whatNeedsARoleSaysSoAndWhatIsPublicSaysThat() {
        for (Described one : DocsOperations.operations()) {
            JsonObject operation = document.getJsonObject("paths")
                    .getJsonObject(OpenApi.path(one.path()))
                    .getJsonObject(one.method().toLowerCase(Locale.ROOT));
            assertThat(operation.getString("x-role")).as(one.id()).isEqualTo(one.role());
            assertThat(operation.getJsonArray("security"))
                    .as(one.id())
                    .isEqualTo(one.role() == null ? new JsonArray() : null);
        }
    }

    @Test
    void everyReferenceLeadsSomewhere() {
        JsonObject schemas = document.getJsonObject("components").getJsonObject("schemas");
        var references =
                java.util.regex.Pattern.compile("#/components/schemas/(\\w+)").matcher(document.encode());
        while (references.find()) {
            assertThat(schemas.fieldNames()).contains(references.group(1));
        }
    }

    @Test
    void thePageAndItsFilesAreServedByOurselves() {
        try (OpsServer server = new OpsServer(folder)) {
            HttpResponse<String> page = server.get("/docs");
            assertThat(page.statusCode()).isEqualTo(200);
            assertThat(page.body()).doesNotContain("http://").doesNotContain("https://");
            var files = java.util.regex.Pattern.compile("(?:href|src)=\"(/docs/[^\"]+)\"")
                    .matcher(page.body());
            int count = 0;
            while (files.find()) {
                assertThat(server.get(files.group(1)).statusCode())
                        .as(files.group(1))
                        .isEqualTo(200);
                count++;
            }
            assertThat(count).isEqualTo(5);
            assertThat(server.get("/docs/../secret").statusCode()).isEqualTo(404);
            assertThat(new JsonObject(server.get("/openapi.json").body()).getString("openapi"))
                    .isEqualTo("3.1.0");
            assertThat(server.get("/docs/openapi.json", "Accept-Encoding", "gzip")
                            .headers()
                            .firstValue("content-encoding"))
                    .hasValue("gzip");
        }
    }
}
