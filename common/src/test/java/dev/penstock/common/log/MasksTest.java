package dev.penstock.common.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MasksTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    key pk-AbCd1234_x-y refused            | key pk-**** refused
                    key psk-AbCd12345678 refused           | key psk-**** refused
                    "sk-proj-0123456789abcdef"             | "sk-****"
                    Authorization: Bearer abc.def-ghi      | Authorization: Bearer ****
                    offered penstock.v1, bearer.psk-123456 | offered penstock.v1, bearer.****
                    Authorization: Basic dXNlcjpwYXNz      | Authorization: Basic ****
                    redis://:hunter2@h:6379 is away        | redis://:****@h:6379 is away
                    postgresql://u:pa55@db/x               | postgresql://u:****@db/x
                    token eyJhbGciOiJI.eyJzdWIiOiIx.c2ln   | token ****
                    """)
    void whatLooksLikeACredentialIsHidden(String text, String masked) {
        assertThat(Masks.mask(text)).isEqualTo(masked);
    }

    @Test
    void ordinaryTextIsLeftAlone() {
        String text = "task-scheduler on disk-00000001 asked risk-based basic questions at http://host:80/a@b";
        assertThat(Masks.mask(text)).isSameAs(text);
    }

    @Test
    void longTextIsCutAndSaysSo() {
        assertThat(Masks.bounded("x".repeat(100), 10)).isEqualTo("xxxxxxxxxx… (90 more)");
    }
}
