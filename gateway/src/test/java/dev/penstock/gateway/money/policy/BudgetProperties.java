package dev.penstock.gateway.money.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.config.BudgetConfig.Period;
import dev.penstock.common.config.BudgetConfig.Scope;
import java.math.BigInteger;
import java.time.LocalDate;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class BudgetProperties {
    @Property
    void everyDayIsInExactlyOnePeriodAndPeriodsTouch(
            @ForAll Period period, @ForAll @LongRange(max = 100_000) long epochDay) {
        Budget budget = budget(period, 1);
        LocalDate day = LocalDate.ofEpochDay(epochDay);
        assertThat(budget.start(day)).isBeforeOrEqualTo(day);
        assertThat(budget.end(day)).isAfter(day);
        if (period != Period.TOTAL) {
            assertThat(budget.start(budget.end(day))).isEqualTo(budget.end(day));
            assertThat(budget.end(budget.start(day))).isEqualTo(budget.end(day));
        }
    }

    @Property
    void aThresholdIsReachedExactlyFromItsShareOn(
            @ForAll @LongRange(min = 1, max = 9_000_000_000_000_000_000L) long spent,
            @ForAll @LongRange(max = 9_000_000_000_000_000_000L) long limit,
            @ForAll @IntRange(min = 1, max = 1000) int percent) {
        boolean exact = BigInteger.valueOf(spent)
                        .multiply(BigInteger.valueOf(100))
                        .compareTo(BigInteger.valueOf(limit).multiply(BigInteger.valueOf(percent)))
                >= 0;
        assertThat(budget(Period.DAY, limit).over(spent, percent)).isEqualTo(exact);
    }

    @Property
    void aGatewayAloneNeverSpendsMoreThanItsShare(
            @ForAll @LongRange(max = 1_000_000) long limit,
            @ForAll @LongRange(max = 1_000_000) long used,
            @ForAll @IntRange(min = 1, max = 5) int gateways,
            @ForAll @Size(max = 50) List<@LongRange(max = 50_000) Long> wishes) {
        LocalPurse purse = new LocalPurse(limit, used);
        long spent = 0;
        for (long wish : wishes) {
            if (purse.reserve(wish, gateways)) {
                purse.settle(wish, wish);
                spent += wish;
            }
            assertThat(purse.left(gateways)).isNotNegative();
        }
        assertThat(spent).isLessThanOrEqualTo(Math.max(0, limit - used) / gateways);
        assertThat(purse.takeSpentAlone()).isEqualTo(spent);
        assertThat(purse.takeSpentAlone()).as("handed over once").isZero();
    }

    @Example
    void weeksBeginOnMondayAndMonthsOnTheFirst() {
        LocalDate sunday = LocalDate.of(2026, 3, 1);
        assertThat(budget(Period.WEEK, 1).start(sunday)).isEqualTo(LocalDate.of(2026, 2, 23));
        assertThat(budget(Period.MONTH, 1).start(sunday)).isEqualTo(sunday);
        assertThat(budget(Period.MONTH, 1).end(LocalDate.of(2024, 2, 29))).isEqualTo(LocalDate.of(2024, 3, 1));
    }

    @Example
    void whoSpendsFindsEveryBudgetThatPaysAndNoOther() {
        Budget team = new Budget("t", Scope.TEAM, "red", Period.DAY, 1, true, List.of(), true);
        Budget tag = new Budget("g", Scope.TAG, "x", Period.DAY, 1, true, List.of(), true);
        Budget all = new Budget("a", Scope.ALL, "", Period.DAY, 1, true, List.of(), true);
        Budget twin = new Budget("t", Scope.USER, "eve", Period.DAY, 1, true, List.of(), false);
        BudgetBook book = BudgetBook.of(List.of(team, tag, all), List.of(twin));
        assertThat(book.clashes()).containsExactly("t");
        assertThat(book.paying(new Spender("k", "eve", "red", List.of("x", "y"))))
                .containsExactlyInAnyOrder(team, tag, all);
        assertThat(book.paying(new Spender("k", null, "blue", List.of()))).containsExactly(all);
    }

    private static Budget budget(Period period, long limit) {
        return new Budget("b", Scope.ALL, "", period, limit, true, List.of(50, 80, 100), true);
    }
}
