package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.testkit.Await;
import dev.penstock.testkit.Reply;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/2 in clear text, as meshes and load balancers speak it. */
class Http2Test {
    private static final String STREAM = """
            {"model":"org/chat","stream":true,"messages":[{"role":"user","content":"hi"}]}""";

    @TempDir
    Path folder;

    private GatewayFixture gateway;

    @BeforeEach
    void start() {
        gateway = new GatewayFixture(folder, "");
        gateway.batching();
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    private record Answered(HttpVersion version, int status, String body) {}

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void answersManyRequestsOnOneConnection(boolean upgrade) {
        HttpClient client = client(upgrade);
        List<Future<Answered>> calls = java.util.stream.IntStream.range(0, 20)
                .mapToObj(i -> post(client, "/v1/embeddings", "{\"model\":\"embed\",\"input\":\"" + i + "\"}"))
                .toList();
        for (Future<Answered> call : calls) {
            Answered answered = Await.result(call);
            assertThat(answered.version()).isEqualTo(HttpVersion.HTTP_2);
            assertThat(answered.status()).isEqualTo(200);
            assertThat(new JsonObject(answered.body()).getJsonArray("data")).hasSize(1);
        }
        Await.result(client.close());
    }

    @Test
    void streamsAndRefuses() {
        HttpClient client = client(false);
        gateway.model.next(Reply.chatStream(List.of("a", "b")));
        Answered stream = Await.result(post(client, "/v1/chat/completions", STREAM));
        assertThat(stream.status()).isEqualTo(200);
        assertThat(stream.body()).startsWith("data: ").endsWith("data: [DONE]\n\n");
        assertThat(Await.result(post(client, "/v1/embeddings", "{")).status()).isEqualTo(400);
        String large = "{\"model\":\"embed\",\"input\":\"" + "x".repeat(70_000) + "\"}";
        assertThat(Await.result(post(client, "/v1/embeddings", large)).status()).isEqualTo(413);
        Await.result(client.close());
    }

    @Test
    void aBodyThatNeverComesEndsItsStreamAlone() {
        HttpClient client = client(false);
        Future<Answered> late = open(client, "/v1/embeddings").compose(request -> {
            request.setChunked(true);
            return request.write("{").compose(written -> request.response().compose(this::read));
        });
        assertThat(Await.result(late).status()).isEqualTo(408);
        assertThat(Await.result(post(client, "/v1/embeddings", "{\"model\":\"embed\",\"input\":\"x\"}"))
                        .status())
                .isEqualTo(200);
        Await.result(client.close());
    }

    @Test
    void aStreamThatIsResetReachesTheModel() {
        HttpClient client = client(false);
        gateway.model.next(Reply.stall());
        AtomicReference<HttpClientRequest> opened = new AtomicReference<>();
        Await.result(open(client, "/v1/chat/completions").compose(request -> {
            opened.set(request);
            return request.end(STREAM);
        }));
        Await.until("the model is asked", () -> gateway.model.calls() == 1);
        opened.get().reset(8);
        Await.until("the model sees the hang-up", () -> gateway.model.hangUps() == 1);
        Await.result(client.close());
    }

    private HttpClient client(boolean upgrade) {
        return gateway.backendVertx.createHttpClient(
                new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(upgrade));
    }

    private Future<HttpClientRequest> open(HttpClient client, String path) {
        return client.request(new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setHost("127.0.0.1")
                .setPort(gateway.port())
                .setURI(path)
                .putHeader("authorization", "Bearer " + GatewayFixture.KEY)
                .putHeader("content-type", "application/json"));
    }

    private Future<Answered> post(HttpClient client, String path, String body) {
        return open(client, path).compose(request -> request.send(body).compose(this::read));
    }

    private Future<Answered> read(io.vertx.core.http.HttpClientResponse response) {
        return response.body()
                .map(Buffer::toString)
                .map(body -> new Answered(response.version(), response.statusCode(), body));
    }
}
