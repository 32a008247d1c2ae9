package dev.penstock.common.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** With {@code -Dpenstock.docs.write=true} it writes the generated files instead of comparing them. */
class ConfigDocsTest {
    private static final Path DOCS = Path.of("..", "docs");

    @Test
    void thePageInTheRepositoryIsTheGeneratedOne() throws Exception {
        same(DOCS.resolve("configuration.md"), ConfigReference.markdown());
    }

    @Test
    void theSchemaInTheRepositoryIsTheGeneratedOne() throws Exception {
        same(DOCS.resolve("penstock.schema.json"), ConfigSchema.json());
    }

    @Test
    void theExampleOfThePageLoadsWithoutAWarning() {
        ConfigResult result = ConfigLoader.parse(ConfigReference.example(), Map.of());
        assertThat(result).isInstanceOfSatisfying(ConfigResult.Loaded.class, loaded -> {
            assertThat(loaded.warnings()).isEmpty();
            assertThat(loaded.config().models()).hasSize(2);
        });
    }

    @Test
    void theSchemaKnowsTypesBoundsAndRequiredKeys() throws Exception {
        JsonNode schema = new ObjectMapper().readTree(ConfigSchema.json());
        JsonNode server = schema.at("/properties/server");
        assertThat(server.at("/additionalProperties").asBoolean(true)).isFalse();
        assertThat(server.at("/properties/port/anyOf/0/type").asText()).isEqualTo("integer");
        assertThat(server.at("/properties/port/anyOf/0/maximum").asInt()).isEqualTo(65535);
        assertThat(server.at("/properties/port/default").asInt()).isEqualTo(8080);
        assertThat(schema.at("/properties/models/items/required").toString())
                .isEqualTo("[\"name\",\"operations\",\"instances\"]");
        assertThat(schema.at("/properties/models/items/properties/operations/items/anyOf/0/enum")
                        .toString())
                .contains("embeddings", "chat");
    }

    private static void same(Path file, String generated) throws Exception {
        if (Boolean.getBoolean("penstock.docs.write")) {
            Files.writeString(file, generated);
        }
        assertThat(Files.readString(file))
                .as(
                        "%s is out of date; run: mvn -pl common test -Dtest=ConfigDocsTest -Dpenstock.docs.write=true",
                        file)
                .isEqualTo(generated);
    }
}
