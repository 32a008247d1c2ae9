package dev.penstock.gateway.money.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class CostTagsTest {
    @Test
    void theTagsOfTheKeyAndOfTheRequestAreTakenTogetherOnce() {
        assertThat(CostTags.of(List.of("red"), "blue, red")).containsExactly("red", "blue");
        assertThat(CostTags.of(List.of(), null)).isEmpty();
    }

    @Test
    void whatIsNoTagIsRefusedWithTheForm() {
        for (String header : List.of("", "a,,b", "ä", "a b", "x".repeat(65), "1,2,3,4,5,6,7,8,9")) {
            assertThatThrownBy(() -> CostTags.of(List.of(), header)).hasMessageContaining("X-Penstock-Tag");
        }
    }
}
