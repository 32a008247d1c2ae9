package dev.penstock.gateway.money;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.config.BudgetConfig.Period;
import dev.penstock.common.config.BudgetConfig.Scope;
import dev.penstock.common.store.Redis;
import dev.penstock.gateway.money.policy.Budget;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.ServiceHarness;
import dev.penstock.testkit.TestServers;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a gateway that died had set aside. */
class BudgetLapseIT {
    /** Real, since what Redis holds of a period lapses after it. */
    private final LocalDate day = LocalDate.now(ZoneOffset.UTC);

    private static final Budget BUDGET = new Budget("small", Scope.ALL, "", Period.DAY, 100, true, List.of(), true);

    @Test
    void aReservationThatNobodySettlesIsSpentWhenItLapsesAndNotHeldForEver(@TempDir Path folder) {
        try (ServiceHarness harness = ServiceHarness.with("", folder, TestServers.freshRedis(), "")) {
            Redis redis = harness.context().redis();
            Await.until("Redis is there", redis::available);
            BudgetBank bank = new BudgetBank(redis, new NothingSpent());
            assertThat(refusedBy(bank, "of the dead one", 60, 1_000)).isEqualTo(-1);
            assertThat(refusedBy(bank, "too much", 60, 2_000))
                    .as("while it is held")
                    .isZero();
            assertThat(Await.result(bank.spending(BUDGET, day))).isEqualTo(new Spending(0, 60));

            assertThat(refusedBy(bank, "later", 40, 11_500)).isEqualTo(-1);
            assertThat(Await.result(bank.spending(BUDGET, day)))
                    .as("the dead one's estimate is spent, the other's set aside")
                    .isEqualTo(new Spending(60, 40));
            Await.result(bank.settle("later", List.of(BUDGET), day, 40, 10, 12_000, 21_500));
            assertThat(Await.result(bank.spending(BUDGET, day))).isEqualTo(new Spending(70, 0));
        }
    }

    private int refusedBy(BudgetBank bank, String id, long nanos, long now) {
        return Await.result(bank.reserve(id, List.of(BUDGET), day, nanos, now, now + 10_000))
                .refusedBy();
    }

    private static final class NothingSpent implements UsageStore {
        @Override
        public Future<Void> insert(List<UsageRecord> records) {
            return Future.succeededFuture();
        }

        @Override
        public Future<Long> spent(String column, String subject, LocalDate since) {
            return Future.succeededFuture(0L);
        }
    }
}
