package dev.penstock.gateway.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import org.junit.jupiter.api.Test;

class PoolMoveTest {
    private final Fault lost = Fault.of(FaultCode.MEMBER_LOST, "gone");
    private final Fault away = Fault.of(FaultCode.UNAVAILABLE, "no instance");

    @Test
    void aWishFollowsAPoolWhoseOwnerIsLost() {
        assertThat(PoolMove.pauseMillis(lost, 1, "a", "b")).isEqualTo(50);
        assertThat(PoolMove.pauseMillis(lost, 3, "a", "b")).isEqualTo(200);
    }

    @Test
    void aRefusalOfAnOwnerThatIsStillThereStands() {
        assertThat(PoolMove.pauseMillis(away, 1, "a", "a")).isEqualTo(-1);
        assertThat(PoolMove.pauseMillis(away, 1, "a", "b")).isPositive();
    }

    @Test
    void otherFaultsAndTooManyTriesEndIt() {
        assertThat(PoolMove.pauseMillis(Fault.of(FaultCode.OVERLOADED, "full"), 1, "a", "b"))
                .isEqualTo(-1);
        assertThat(PoolMove.pauseMillis(lost, 6, "a", "b")).isEqualTo(-1);
    }
}
