package dev.penstock.common.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.config.Api;
import dev.penstock.common.config.InstanceConfig;
import dev.penstock.common.contract.Operation;
import dev.penstock.common.unit.Secret;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TargetTest {
    @ParameterizedTest
    @CsvSource({
        "OPENAI,https://api.openai.com/v1/,,CHAT,/v1/chat/completions,authorization,Bearer k",
        "OPENAI,https://api.cohere.com/v2,,RERANK,/v2/rerank,authorization,Bearer k",
        "AZURE,https://n.openai.azure.com,,CHAT,/openai/v1/chat/completions,api-key,k",
        "AZURE,https://n.openai.azure.com/openai/v1/,,RESPONSES,/openai/v1/responses,api-key,k",
        "AZURE,https://n.openai.azure.com,2024-10-21,CHAT,/openai/deployments/my%20model/chat/completions?api-version=2024-10-21,api-key,k",
        "ANTHROPIC,https://api.anthropic.com,,CHAT,/v1/messages,x-api-key,k",
        "ANTHROPIC,https://api.anthropic.com/v1,,CHAT,/v1/messages,anthropic-version,2023-06-01",
        "OLLAMA,http://127.0.0.1:11434,,CHAT,/v1/chat/completions,authorization,Bearer k",
        "VLLM,http://127.0.0.1:8000/v1,,CLASSIFY,/classify,authorization,Bearer k",
        "VLLM,http://127.0.0.1:8000,,RERANK,/v1/rerank,authorization,Bearer k",
        "TEI,http://127.0.0.1:8080,,EMBEDDINGS,/embed,authorization,Bearer k",
        "TEI,http://127.0.0.1:8080,,CLASSIFY,/predict,authorization,Bearer k",
    })
    void everyApiHasItsOwnPathsAndItsOwnWayToKnowUs(
            Api api, String url, String version, Operation operation, String path, String header, String value) {
        InstanceConfig instance = new InstanceConfig(
                "a", url, new Secret("k"), "my model", 1, 1, api, version == null ? "" : version, "", null);
        RequestOptions made = Target.of(instance)
                .post(Outbound.of(Outbound.path(api, operation), Buffer.buffer()), "r", Duration.ofSeconds(1));
        assertThat(made.getURI()).isEqualTo(path);
        assertThat(made.getHeaders().get(header)).isEqualTo(value);
        assertThat(Target.of(instance).toString()).doesNotContain("k\"").doesNotContain("Bearer");
    }
}
