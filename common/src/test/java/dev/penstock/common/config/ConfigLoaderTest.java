package dev.penstock.common.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dev.penstock.common.contract.Operation;
import dev.penstock.common.unit.DataSize;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigLoaderTest {
    @TempDir
    Path folder;

    @Test
    void everyKindOfValueIsMapped() {
        PenstockConfig config = loaded("""
                server:
                  port: 9090
                  max-body: 1MiB
                  timeout: 1m30s
                  allowed-origins: ["https://a.example", "http://localhost:3000"]
                redis: {url: "redis://:pass@localhost:6379"}
                cache:
                  enabled: false
                slo: {availability: 99.5}
                models:
                  - name: BAAI/bge-m3
                    operations: [embeddings]
                    max-items: 64
                    instances:
                      - {name: a, url: "http://127.0.0.1:8001/v1", weight: 3}
                """);
        assertThat(config.server().port()).isEqualTo(9090);
        assertThat(config.server().maxBody()).isEqualTo(DataSize.ofMebibytes(1));
        assertThat(config.server().timeout()).isEqualTo(Duration.ofSeconds(90));
        assertThat(config.server().allowedOrigins()).containsExactly("https://a.example", "http://localhost:3000");
        assertThat(config.redis().url().reveal()).isEqualTo("redis://:pass@localhost:6379");
        assertThat(config.cache().enabled()).isFalse();
        assertThat(config.slo().availability()).isEqualTo(99.5);
        ModelConfig model = config.model("BAAI/bge-m3").orElseThrow();
        assertThat(model.operations()).containsExactly(Operation.EMBEDDINGS);
        assertThat(model.maxItems()).isEqualTo(64);
        assertThat(model.instances().getFirst().weight()).isEqualTo(3);
    }

    @Test
    void allErrorsComeAtOnceInTheOrderOfTheirLines() {
        List<ConfigError> errors = rejected("""
                server:
                  prot: 9090
                  timeout: 10
                  port: 70000
                cache:
                  enabled: yes
                  near-size: 64MB
                cache:
                  enabled: true
                models:
                  - name: "bad name"
                    operations: [chatt]
                    instances:
                      - {name: a, url: "ftp://x"}
                      - {name: a, url: sandbox}
                  - operations: [chat]
                    instances: sandbox
                slo:
                  short-window: 2m
                """);
        assertThat(errors)
                .extracting(ConfigError::line, ConfigError::key)
                .containsExactly(
                        tuple(2, "server.prot"),
                        tuple(3, "server.timeout"),
                        tuple(4, "server.port"),
                        tuple(6, "cache.enabled"),
                        tuple(7, "cache.near-size"),
                        tuple(8, "cache"),
                        tuple(11, "models[0].name"),
                        tuple(12, "models[0].operations[0]"),
                        tuple(14, "models[0].instances[0].url"),
                        tuple(15, "models[0].instances[1].name"),
                        tuple(16, "models[1].name"),
                        tuple(17, "models[1].instances"),
                        tuple(19, "slo.short-window"));
        assertThat(errors.get(0).fix()).contains("Did you mean port?");
        assertThat(errors.get(1).fix()).contains("250ms");
        assertThat(errors.get(7).fix()).contains("Did you mean chat?");
        assertThat(errors.get(2).toString())
                .isEqualTo("penstock.yaml:4:9: server.port: '70000' is too large. The most is 65535.");
    }

    @Test
    void aModelThatWouldSendNothingIsRefusedAtLoadAndNotAtTheFirstRequest() {
        List<ConfigError> errors = rejected("""
                models:
                  - name: m
                    operations: [embeddings]
                    max-items: 0
                    instances:
                      - {name: i, url: sandbox}
                """);
        assertThat(errors).singleElement().asString().contains("max-items", "too small");
    }

    @Test
    void limitsThatMakeNoSenseAreToldByFieldWithTheFix() {
        List<ConfigError> errors = rejected("""
                limits:
                  - {name: ai, per-minute: -1}
                  - {name: ai, for: planet}
                  - {name: chat, per-minute: 100, per-hour: 50}
                  - {name: chat, tokens-per-minute: 10}
                  - {name: models, burst: 5}
                  - {name: docs, per-second: 5000000}
                """);
        assertThat(errors)
                .extracting(ConfigError::key)
                .contains("limits[0].per-minute", "limits[1].for", "limits[5].per-second");
        errors = rejected("""
                limits:
                  - {name: chat, per-minute: 100, per-hour: 50}
                  - {name: CHAT, tokens-per-minute: 10}
                  - {name: chat, for: team, tokens-per-minute: 10}
                  - {name: models, burst: 5}
                """);
        assertThat(errors)
                .extracting(ConfigError::key)
                .containsExactly("limits[0].per-hour", "limits[1].name", "limits[3].burst");
        assertThat(errors.getFirst().toString()).contains("less than the 100 of per-minute", "Raise per-hour");
    }

    @Test
    void brokenYamlIsToldWithItsLine() {
        assertThat(rejected("server:\n  port: 80\n bad: [\n")).singleElement().satisfies(error -> {
            assertThat(error.line()).isEqualTo(3);
            assertThat(error.problem()).startsWith("this is no YAML");
        });
        assertThat(rejected("- a\n- b\n"))
                .singleElement()
                .satisfies(error -> assertThat(error.problem()).contains("no mapping"));
        assertThat(rejected("server: {}\n---\nserver: {}\n")).hasSize(1);
    }

    @Test
    void aDocumentThatWantsToGrowIsRefused() {
        StringBuilder laughs = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (int i = 1; i < 10; i++) {
            String before = "*a" + (i - 1);
            laughs.append("a").append(i).append(": &a").append(i).append(" [");
            laughs.append(String.join(",", java.util.Collections.nCopies(10, before)))
                    .append("]\n");
        }
        assertThat(rejected(laughs.toString()))
                .anySatisfy(error -> assertThat(error.problem()).contains("aliases make the document too large"));
        assertThat(rejected("x: " + "[".repeat(100_000)))
                .singleElement()
                .satisfies(error -> assertThat(error.problem()).contains("nested deeper"));
    }

    @Test
    void anAliasCanSpareRepetition() {
        PenstockConfig config = loaded("""
                models:
                  - {name: a, operations: [chat], instances: &where [{name: i, url: sandbox}]}
                  - {name: b, operations: [chat], instances: *where}
                """);
        assertThat(config.models().get(1).instances())
                .isEqualTo(config.models().get(0).instances());
    }

    @Test
    void referencesTakeVariablesAndDefaults() {
        Map<String, String> environment = Map.of("PORT", "1234", "EMPTY", "");
        PenstockConfig config = ConfigLoader.parse("""
                        server:
                          port: ${PORT}
                          host: ${HOST_NAME:-0.0.0.0}
                          management-host: ${EMPTY:-::1}
                        cluster: {name: "a-$${PORT}"}
                        """, environment).orThrow();
        assertThat(config.server().port()).isEqualTo(1234);
        assertThat(config.server().host()).isEqualTo("0.0.0.0");
        assertThat(config.server().managementHost()).isEqualTo("::1");
        assertThat(config.cluster().name()).isEqualTo("a-${PORT}");
        assertThat(rejected("redis:\n  url: ${NOT_THERE}\n")).singleElement().satisfies(error -> {
            assertThat(error.line()).isEqualTo(2);
            assertThat(error.problem()).contains("NOT_THERE is not set");
        });
    }

    @Test
    void theEnvironmentWinsOverTheFile() throws Exception {
        Path secret = Files.writeString(folder.resolve("key"), "psk-from-file\n");
        ConfigResult result = ConfigLoader.parse(
                """
                server: {port: 1}
                models:
                  - {name: a, operations: [chat], instances: [{name: i, url: sandbox}]}
                """,
                Map.of(
                        "PENSTOCK_SERVER_PORT", "2",
                        "PENSTOCK_CLUSTER_MEMBERS", "one:5701, two",
                        "PENSTOCK_MODELS_0_INSTANCES_0_URL", "http://h:1/v1",
                        "PENSTOCK_MODELS_0_INSTANCES_0_API_KEY_FILE", secret.toString(),
                        "PENSTOCK_MODELS_1_NAME", "b",
                        "PENSTOCK_MODELS_1_OPERATIONS_0", "embeddings",
                        "PENSTOCK_MODELS_1_INSTANCES_0_NAME", "x",
                        "PENSTOCK_MODELS_1_INSTANCES_0_URL", "sandbox"));
        PenstockConfig config = result.orThrow();
        assertThat(config.server().port()).isEqualTo(2);
        assertThat(config.cluster().members()).containsExactly("one:5701", "two");
        InstanceConfig instance = config.models().getFirst().instances().getFirst();
        assertThat(instance.url()).isEqualTo("http://h:1/v1");
        assertThat(instance.apiKey().reveal()).isEqualTo("psk-from-file");
        assertThat(config.models().get(1).name()).isEqualTo("b");
        assertThat(((ConfigResult.Loaded) result).warnings()).isEmpty();
    }

    @Test
    void shortNamesWorkAndUnknownOnesAreWarnedAbout() {
        ConfigResult result = ConfigLoader.load(
                null,
                Map.of(
                        "PENSTOCK_ADMIN_KEY", "psk-admin",
                        "PENSTOCK_HOST", "0.0.0.0",
                        "PENSTOCK_PORT", "8081",
                        "PENSTOCK_DATA", "/somewhere",
                        "PENSTOCK_SERVER_PROT", "1",
                        "OTHER", "1"));
        PenstockConfig config = result.orThrow();
        assertThat(config.auth().adminKey().reveal()).isEqualTo("psk-admin");
        assertThat(config.server().host()).isEqualTo("0.0.0.0");
        assertThat(config.server().port()).isEqualTo(8081);
        assertThat(((ConfigResult.Loaded) result).warnings())
                .containsExactly("The environment variable PENSTOCK_SERVER_PROT names no setting and is ignored."
                        + " Did you mean PENSTOCK_SERVER_PORT?");
    }

    @Test
    void variablesThatKubernetesMakesForAServiceNamedPenstockAreNoSettings() {
        ConfigResult result = ConfigLoader.load(
                null,
                Map.of(
                        "PENSTOCK_PORT", "tcp://10.0.0.1:8080",
                        "PENSTOCK_PORT_8080_TCP", "tcp://10.0.0.1:8080",
                        "PENSTOCK_PORT_8080_TCP_ADDR", "10.0.0.1",
                        "PENSTOCK_SERVICE_HOST", "10.0.0.1",
                        "PENSTOCK_SERVICE_PORT", "8080"));
        assertThat(result.orThrow().server().port()).isEqualTo(8080);
        assertThat(((ConfigResult.Loaded) result).warnings()).isEmpty();
    }

    @Test
    void aWrongVariableIsToldByItsNameAndNoSecretIsShown() {
        ConfigResult result = ConfigLoader.parse(
                "postgres: {url: 'mysql://user:hunter2@h/db'}",
                Map.of("PENSTOCK_SERVER_PORT", "abc", "PENSTOCK_REDIS_URL_FILE", folder + "/none"));
        assertThat(result).isInstanceOfSatisfying(ConfigResult.Rejected.class, rejected -> {
            String all = rejected.errors().toString();
            assertThat(all)
                    .contains("environment PENSTOCK_SERVER_PORT: server.port: 'abc' is not a whole number")
                    .contains("environment PENSTOCK_REDIS_URL_FILE")
                    .contains("postgres.url")
                    .doesNotContain("hunter2");
        });
        assertThatThrownBy(result::orThrow).hasMessageNotContaining("hunter2");
    }

    @Test
    void filesThatCannotBeReadAreToldInOneSentence() throws Exception {
        assertThat(load(folder.resolve("none.yaml"))).contains("there is no such file");
        assertThat(load(folder)).contains("this is a folder");
        Path binary = Files.write(folder.resolve("b.yaml"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        assertThat(load(binary)).contains("not written in UTF-8");
        Path big = Files.write(folder.resolve("big.yaml"), new byte[(1 << 20) + 1]);
        assertThat(load(big)).contains("larger than 1 MiB");
    }

    @Test
    void equalFilesHaveEqualHashesWhateverTheEnvironmentSays() throws Exception {
        Path file = Files.write(folder.resolve("p.yaml"), "server: {port: 1}".getBytes(StandardCharsets.UTF_8));
        String hash = ((ConfigResult.Loaded) ConfigLoader.load(file, Map.of())).contentHash();
        assertThat(((ConfigResult.Loaded) ConfigLoader.load(file, Map.of("PENSTOCK_HOST", "h"))).contentHash())
                .isEqualTo(hash)
                .hasSize(16);
        Files.writeString(file, "server: {port: 2}");
        assertThat(((ConfigResult.Loaded) ConfigLoader.load(file, Map.of())).contentHash())
                .isNotEqualTo(hash);
    }

    @Test
    void anEmptyKeyMeansItsDefault() {
        assertThat(loaded("server:\nmodels:\ncache:\n  near-size:\n")).isEqualTo(ConfigLoader.defaults());
    }

    private String load(Path file) {
        return ((ConfigResult.Rejected) ConfigLoader.load(file, Map.of()))
                .errors()
                .toString();
    }

    private static PenstockConfig loaded(String yaml) {
        return ConfigLoader.parse(yaml, Map.of()).orThrow();
    }

    private static List<ConfigError> rejected(String yaml) {
        return ((ConfigResult.Rejected) ConfigLoader.parse(yaml, Map.of())).errors();
    }
}
