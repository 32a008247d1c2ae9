package dev.penstock.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ToolsTest {
    private static final String SCHEMA = """
            {"type":"object","$defs":{"unit":{"enum":["C","F"]}},"properties":{"city":{"type":"string"},"days":{"type":"integer","minimum":3},
            "unit":{"$ref":"#/$defs/unit"},"tags":{"type":"array","items":{"type":["string","null"]}},"deep":{"anyOf":[{"type":"boolean"}]}}}""";
    private static final String ARGUMENTS = """
            {"city":"sandbox","days":3,"unit":"C","tags":["sandbox"],"deep":true}""";
    private static final String OPENAI =
            "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"weather\",\"parameters\":" + SCHEMA + "}}]";
    private static final String ANTHROPIC = "\"tools\":[{\"name\":\"weather\",\"input_schema\":" + SCHEMA + "}]";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"required\" | hi | true | true",
                "{\"type\":\"function\",\"function\":{\"name\":\"weather\"}} | hi | true | true",
                "{\"type\":\"any\"} | hi | false | true",
                "{\"type\":\"tool\",\"name\":\"weather\"} | hi | true | true",
                "\"auto\" | how is the Weather? | true | true",
                "\"auto\" | how is the Weather? | false | false",
                "\"auto\" | hi | true | false",
                "\"none\" | weather | true | false",
                "{\"type\":\"none\"} | weather | true | false"
            })
    void callsAToolThatIsDemandedOrNamed(String choice, String last, boolean fresh, boolean called) {
        for (String tools : new String[] {OPENAI, ANTHROPIC}) {
            Tools.Call call = Tools.pick(new JsonObject("{\"tool_choice\":" + choice + "," + tools + "}"), last, fresh);
            assertThat(call).isEqualTo(called ? new Tools.Call("weather", ARGUMENTS) : null);
        }
    }

    @Test
    void answersInTheSchemaThatIsDemanded() {
        String schema = "{\"type\":\"json_schema\",\"schema\":" + SCHEMA + "}";
        assertThat(Tools.structured(
                        new JsonObject("{\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"schema\":"
                                + SCHEMA + "}}}")))
                .isEqualTo(ARGUMENTS);
        assertThat(Tools.structured(new JsonObject("{\"text\":{\"format\":" + schema + "}}")))
                .isEqualTo(ARGUMENTS);
        assertThat(Tools.structured(new JsonObject("{\"output_config\":{\"format\":" + schema + "}}")))
                .isEqualTo(ARGUMENTS);
        assertThat(Tools.structured(new JsonObject("{\"response_format\":{\"type\":\"json_object\"}}")))
                .isNull();
    }
}
