package dev.penstock.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import org.junit.jupiter.api.Test;

class LeakCheckTest {
    @Test
    void theTestsLookAtEveryBuffer() {
        assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
    }

    @Test
    void aBufferThatNobodyReleasesFailsTheClass() {
        leak();
        assertThatThrownBy(LeakCheck::check)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("ByteBuf was not released");
        assertThatCode(LeakCheck::check).as("told once").doesNotThrowAnyException();
    }

    private static void leak() {
        PooledByteBufAllocator.DEFAULT.directBuffer(64).writeInt(1);
    }
}
