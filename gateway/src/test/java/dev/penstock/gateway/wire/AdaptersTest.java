package dev.penstock.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.common.config.Api;
import dev.penstock.common.config.InstanceConfig;
import dev.penstock.common.contract.Usage;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.unit.Secret;
import dev.penstock.common.upstream.Outbound;
import dev.penstock.common.upstream.UpstreamClient.Answer;
import dev.penstock.common.upstream.UpstreamErrors;
import dev.penstock.gateway.wire.StreamReader.Event;
import dev.penstock.gateway.wire.StreamReader.Failed;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each API makes of requests, answers, streams and errors, on the fixtures beside this package. */
class AdaptersTest {
    private static final Clock CLOCK = Clock.fixed(Instant.ofEpochSecond(1_700_000_000), ZoneOffset.UTC);
    private static final String CHAT = """
            {"model":"m","max_tokens":100,"temperature":1.5,"stop":"END","user":"u-1","seed":7,
             "parallel_tool_calls":false,"tool_choice":"required",
             "tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"}}}],
             "messages":[{"role":"system","content":"Be brief."},
              {"role":"user","content":[{"type":"text","text":"Look"},
               {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}},
               {"type":"image_url","image_url":{"url":"https://x/y.png"}}]},
              {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function",
               "function":{"name":"f","arguments":"{\\"a\\":1}"}},{"id":"c2","type":"function",
               "function":{"name":"f","arguments":""}}]},
              {"role":"tool","tool_call_id":"c1","content":"one"},
              {"role":"tool","tool_call_id":"c2","content":"two"},
              {"role":"user","content":"Go on."}]}""";
    private static final String MESSAGES = """
            {"model":"m","max_tokens":100,"system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}}],
             "stop_sequences":["END"],"metadata":{"user_id":"u-1"},"stream":true,
             "tools":[{"name":"f","description":"d","input_schema":{"type":"object"}}],
             "tool_choice":{"type":"any","disable_parallel_tool_use":true},
             "messages":[{"role":"user","content":"Hi"},
              {"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},
               {"type":"text","text":"Yes"},{"type":"tool_use","id":"t1","name":"f","input":{"a":1}}]},
              {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"one"}]},
               {"type":"text","text":"Go on."},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]}]}""";

    @Test
    void aChatBecomesMessages() {
        Outbound call = chatToAnthropic(CHAT).outbound();

        assertThat(call.path()).isEqualTo("/v1/messages");
        assertThat(new JsonObject(call.body())).isEqualTo(new JsonObject("""
                {"model":"claude","max_tokens":100,"temperature":1.0,"stop_sequences":["END"],"metadata":{"user_id":"u-1"},
                 "system":[{"type":"text","text":"Be brief."}],
                 "tools":[{"name":"f","description":"d","input_schema":{"type":"object"}}],
                 "tool_choice":{"type":"any","disable_parallel_tool_use":true},
                 "messages":[{"role":"user","content":[{"type":"text","text":"Look"},
                   {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},
                   {"type":"image","source":{"type":"url","url":"https://x/y.png"}}]},
                  {"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"f","input":{"a":1}},
                   {"type":"tool_use","id":"c2","name":"f","input":{}}]},
                  {"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":[{"type":"text","text":"one"}]},
                   {"type":"tool_result","tool_use_id":"c2","content":[{"type":"text","text":"two"}]},
                   {"type":"text","text":"Go on."}]}]}"""));
    }

    @Test
    void effortBecomesABudgetOfItsOwnAndTakesNoTemperature() {
        JsonObject body = new JsonObject(chatToAnthropic("""
                {"model":"m","temperature":0.5,"reasoning_effort":"low","messages":[{"role":"user","content":"x"}]}""").outbound().body());
        assertThat(body.getInteger("max_tokens")).isEqualTo(4096 + 1024);
        assertThat(body.getJsonObject("thinking").getInteger("budget_tokens")).isEqualTo(1024);
        assertThat(body.containsKey("temperature")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"n\":2|n",
                "\"logprobs\":true|logprobs",
                "\"response_format\":{\"type\":\"json_object\"}|response_format.type",
                "\"tools\":[{\"type\":\"web_search\"}]|tools[0].type",
                "\"tool_choice\":\"sometimes\",\"tools\":[{\"function\":{\"name\":\"f\"}}]|tool_choice",
            })
    void whatAnthropicCannotDoIsRefusedByName(String field, String param) {
        Adapter adapter =
                chatToAnthropic("{\"model\":\"m\"," + field + ",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}");
        assertThatThrownBy(adapter::outbound)
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.param()).isEqualTo(param));
    }

    @Test
    void aMessageBecomesAChatWithUsageThatAddsUp() {
        Reading reading = read(chatToAnthropic(CHAT), "anthropic/message-tools.json");

        assertThat(reading.usage()).isEqualTo(new Usage(345, 100, 20, 76, 0, false));
        JsonObject chat = new JsonObject(reading.body());
        JsonObject choice = chat.getJsonArray("choices").getJsonObject(0);
        assertThat(choice.getString("finish_reason")).isEqualTo("tool_calls");
        JsonObject message = choice.getJsonObject("message");
        assertThat(message.getString("content")).startsWith("I'll check");
        assertThat(message.getString("reasoning_content")).isEqualTo("They want the weather.");
        assertThat(message.getJsonArray("tool_calls").getJsonObject(0).getJsonObject("function"))
                .isEqualTo(new JsonObject()
                        .put("name", "get_weather")
                        .put("arguments", "{\"location\":\"San Francisco, CA\"}"));
        assertThat(chat.getJsonObject("usage").getInteger("prompt_tokens")).isEqualTo(465);
        assertThat(chat.getInteger("created")).isEqualTo(1_700_000_000);
    }

    @ParameterizedTest
    @CsvSource({"1", "7", "100000"})
    void anthropicsEventsBecomeChunksHoweverTheyAreCut(int size) {
        StreamReader reader = new MessagesToChatStream("claude", 1, true);
        List<Event> events = ChoiceStreamTest.read(reader, text("anthropic/stream-tools.sse"), size);

        List<JsonObject> chunks = chunks(events);
        assertThat(chunks.getFirst().getJsonArray("choices").getJsonObject(0).getJsonObject("delta"))
                .isEqualTo(new JsonObject().put("role", "assistant").put("content", ""));
        assertThat(chunks.stream()
                        .map(AdaptersTest::delta)
                        .map(delta -> delta.getString("content", ""))
                        .collect(Collectors.joining()))
                .isEqualTo("Okay, let's check");
        List<JsonObject> calls = chunks.stream()
                .map(AdaptersTest::delta)
                .filter(delta -> delta.containsKey("tool_calls"))
                .map(delta -> delta.getJsonArray("tool_calls").getJsonObject(0))
                .toList();
        assertThat(calls.getFirst().getString("id")).isEqualTo("toolu_01T1x1fJ34qAmk2tNTrN7Up6");
        assertThat(calls).allMatch(call -> call.getInteger("index") == 0);
        assertThat(calls.stream()
                        .map(call -> call.getJsonObject("function").getString("arguments"))
                        .collect(Collectors.joining()))
                .isEqualTo("{\"location\": \"San Francisco, CA\"}");
        assertThat(chunks.getLast().getJsonObject("usage").getInteger("total_tokens"))
                .isEqualTo(480 + 89);
        assertThat(ChoiceStreamTest.text(events.getLast())).endsWith("data: [DONE]\n\n");
        assertThat(reader.usage()).isEqualTo(new Usage(472, 8, 0, 89, 0, false));
    }

    @Test
    void anOverloadedServerSaysSoInAStreamAndMayBeReplaced() {
        for (StreamReader reader : List.of(new MessagesToChatStream("m", 1, false), NamedStream.messages())) {
            Event event = ChoiceStreamTest.read(reader, text("anthropic/stream-overloaded.sse"), 99)
                    .getFirst();
            assertThat(event)
                    .isInstanceOfSatisfying(
                            Failed.class,
                            failed -> assertThat(failed.fault().code()).isEqualTo(FaultCode.OVERLOADED));
        }
    }

    @ParameterizedTest
    @CsvSource({"1", "9", "100000"})
    void messagesPassByteForByteAndAreCounted(int size) {
        String stream = text("anthropic/stream-tools.sse");
        StreamReader reader = NamedStream.messages();
        String passed = ChoiceStreamTest.read(reader, stream, size).stream()
                .map(ChoiceStreamTest::text)
                .collect(Collectors.joining());
        assertThat(passed).isEqualTo(stream);
        assertThat(reader.usage()).isEqualTo(new Usage(472, 8, 0, 89, 0, false));
    }

    @Test
    void messagesBecomeAChat() {
        Outbound call = messagesToChat(Api.VLLM).outbound();

        assertThat(call.path()).isEqualTo("/v1/chat/completions");
        assertThat(new JsonObject(call.body())).isEqualTo(new JsonObject("""
                {"model":"llama","max_completion_tokens":100,"stop":["END"],"user":"u-1","stream":true,
                 "stream_options":{"include_usage":true},"tool_choice":"required","parallel_tool_calls":false,
                 "tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"}}}],
                 "messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"},
                  {"role":"assistant","content":"Yes","tool_calls":[{"id":"t1","type":"function",
                   "function":{"name":"f","arguments":"{\\"a\\":1}"}}]},
                  {"role":"tool","tool_call_id":"t1","content":"one"},
                  {"role":"user","content":[{"type":"text","text":"Go on."},
                   {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}]}"""));
        assertThat(new JsonObject(messagesToChat(Api.OLLAMA).outbound().body()).getInteger("max_tokens"))
                .isEqualTo(100);
    }

    @Test
    void aChatBecomesAMessage() {
        Reading reading = read(messagesToChat(Api.OPENAI), "openai/chat-tools.json");

        assertThat(reading.usage()).isEqualTo(new Usage(50, 32, 0, 10, 7, false));
        JsonObject message = new JsonObject(reading.body());
        assertThat(message.getString("type")).isEqualTo("message");
        assertThat(message.getString("stop_reason")).isEqualTo("tool_use");
        assertThat(message.getJsonArray("content").getJsonObject(0).getJsonObject("input"))
                .isEqualTo(new JsonObject().put("location", "Boston, MA"));
        assertThat(message.getJsonObject("usage").getInteger("input_tokens")).isEqualTo(50);
        assertThat(message.getJsonObject("usage").getInteger("cache_read_input_tokens"))
                .isEqualTo(32);
        assertThat(message.getJsonObject("usage").getInteger("output_tokens")).isEqualTo(17);
    }

    @ParameterizedTest
    @CsvSource({"1", "11", "100000"})
    void chunksBecomeAnthropicsEventsWithOneOpenBlockAtATime(int size) {
        StreamReader reader = new ChatToMessagesStream("llama");
        String events = ChoiceStreamTest.read(reader, text("openai/stream-tools.sse"), size).stream()
                .map(ChoiceStreamTest::text)
                .collect(Collectors.joining());

        assertThat(events.lines()
                        .filter(line -> line.startsWith("event: "))
                        .map(line -> line.substring(7))
                        .toList())
                .containsExactly(
                        "message_start",
                        "content_block_start",
                        "content_block_delta",
                        "content_block_stop",
                        "content_block_start",
                        "content_block_delta",
                        "content_block_delta",
                        "content_block_stop",
                        "message_delta",
                        "message_stop");
        assertThat(events)
                .contains("\"stop_reason\":\"tool_use\"")
                .contains("\"input_tokens\":15")
                .doesNotContain("[DONE]");
        assertThat(reader.usage()).isEqualTo(new Usage(15, 5, 0, 9, 0, false));
    }

    @Test
    void azuresFirstChunkWithoutChoicesIsPassedOn() {
        StreamReader reader = new ChoiceStream(false);
        List<Event> events = ChoiceStreamTest.read(reader, text("azure/stream-filter-first.sse"), 50);
        assertThat(events).hasSize(4);
        assertThat(ChoiceStreamTest.text(events.getFirst())).contains("prompt_filter_results");
        assertThat(reader.usage().outputTokens()).isEqualTo(1);
    }

    @Test
    void rankingsAreTranslatedForTextEmbeddingsInference() {
        ModelRequest request = request(Form.RERANK, """
                {"model":"m","query":"q","documents":["a",{"text":"b"}],"top_n":1,"return_documents":true}""");
        Adapter adapter = new TeiAdapter(request, "m");
        assertThat(adapter.outbound().path()).isEqualTo("/rerank");
        assertThat(new JsonObject(adapter.outbound().body()))
                .isEqualTo(new JsonObject("{\"query\":\"q\",\"texts\":[\"a\",\"b\"]}"));
        Reading reading = read(adapter, "tei/rerank.json");
        assertThat(new JsonObject(reading.body())).isEqualTo(new JsonObject("""
                {"model":"m","results":[{"index":1,"relevance_score":0.9976,"document":{"text":"b"}}],
                 "usage":{"prompt_tokens":33,"total_tokens":33}}"""));
        assertThat(reading.usage().inputTokens()).isEqualTo(33);
    }

    @Test
    void classesAreTranslatedAndTheServersOwnFormIsNot() {
        Adapter vllm = new TeiAdapter(request(Form.CLASSIFY, "{\"model\":\"m\",\"input\":[\"a\",\"b\"]}"), "m");
        assertThat(new JsonObject(vllm.outbound().body())).isEqualTo(new JsonObject("{\"inputs\":[[\"a\"],[\"b\"]]}"));
        JsonObject first = new JsonObject(read(vllm, "tei/predict.json").body())
                .getJsonArray("data")
                .getJsonObject(0);
        assertThat(first.getString("label")).isEqualTo("admiration");
        assertThat(first.getInteger("num_classes")).isEqualTo(2);

        Adapter own = new TeiAdapter(request(Form.CLASSIFY, "{\"model\":\"m\",\"inputs\":\"a\"}"), "m");
        assertThat(new JsonObject(own.outbound().body())).isEqualTo(new JsonObject("{\"inputs\":\"a\"}"));
        assertThat(read(own, "tei/predict.json").body().toString()).isEqualTo(text("tei/predict.json"));
    }

    @Test
    void vllmsRankingPassesAndItsTotalIsTheInput() {
        Reading reading = Reading.of(Form.RERANK, Buffer.buffer(text("vllm/rerank.json")), "m");
        assertThat(Objects.requireNonNull(reading).usage().inputTokens()).isEqualTo(56);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "anthropic/error-400.json|400|prompt is too long: 213462 tokens > 200000 maximum|",
                "azure/error-content-filter.json|400|The response was filtered|content_filter",
                "vllm/error-400.json|400|This model's maximum context length is 512 tokens.|",
                "tei/error-413.json|413|Input validation error|",
            })
    void everyServersRefusalReachesTheCaller(String file, int status, String message, String code) {
        Fault fault = UpstreamErrors.fault(
                status, MultiMap.caseInsensitiveMultiMap(), Buffer.buffer(text(file)), Instant.EPOCH);
        assertThat(fault.code()).isEqualTo(FaultCode.UPSTREAM_REJECTED);
        assertThat(fault.reason()).startsWith(message);
        assertThat(fault.backendCode()).isEqualTo(code);
    }

    private static Adapter chatToAnthropic(String body) {
        InstanceConfig instance =
                new InstanceConfig("a", "http://x", new Secret("k"), "claude", 1, 1, Api.ANTHROPIC, "", "", null);
        return new AnthropicAdapter(request(Form.CHAT, body), instance, "claude", CLOCK);
    }

    private static Adapter messagesToChat(Api api) {
        return new ServedMessagesAdapter(request(Form.MESSAGES, MESSAGES), api, "llama");
    }

    private static ModelRequest request(Form form, String body) {
        return ModelRequest.read(form, body.getBytes(StandardCharsets.UTF_8));
    }

    private static Reading read(Adapter adapter, String file) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap().add("x-compute-tokens", "33");
        return Objects.requireNonNull(adapter.read(new Answer(200, headers, Buffer.buffer(text(file)))));
    }

    private static List<JsonObject> chunks(List<Event> events) {
        return events.stream()
                .flatMap(event -> ChoiceStreamTest.text(event).lines())
                .filter(line -> line.startsWith("data: {"))
                .map(line -> new JsonObject(line.substring(6)))
                .toList();
    }

    private static JsonObject delta(JsonObject chunk) {
        return chunk.getJsonArray("choices").isEmpty()
                ? new JsonObject()
                : chunk.getJsonArray("choices").getJsonObject(0).getJsonObject("delta");
    }

    private static String text(String file) {
        try (InputStream in =
                Objects.requireNonNull(AdaptersTest.class.getResourceAsStream("/fixtures/" + file), file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
