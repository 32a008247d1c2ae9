package dev.penstock.gateway.money.policy;

import dev.penstock.common.config.BudgetConfig;
import dev.penstock.common.config.BudgetConfig.Period;
import dev.penstock.common.config.BudgetConfig.Scope;
import java.time.LocalDate;
import java.util.List;

/**
 * What somebody may spend in a period.
 *
 * @param subject empty for {@link Scope#ALL}
 * @param limitNanos nano-dollars
 * @param hard whether calls that would exceed it are refused
 * @param alertAt per cent of the limit at which people are told, ascending
 * @param fromFile whether the configuration owns it: then the API cannot change it
 */
public record Budget(
        String name,
        Scope scope,
        String subject,
        Period period,
        long limitNanos,
        boolean hard,
        List<Integer> alertAt,
        boolean fromFile) {
    private static final LocalDate EVER = LocalDate.EPOCH;

    public Budget {
        alertAt = alertAt.stream().distinct().sorted().toList();
    }

    public static Budget of(BudgetConfig config) {
        return new Budget(
                config.name(),
                config.scope(),
                config.subject(),
                config.period(),
                config.limit().nanos(),
                config.hard(),
                config.alertAt(),
                true);
    }

    /** Whether the spending of that caller counts. */
    public boolean pays(Spender spender) {
        return switch (scope) {
            case KEY -> subject.equals(spender.keyId());
            case USER -> subject.equals(spender.user());
            case TEAM -> subject.equals(spender.team());
            case TAG -> spender.tags().contains(subject);
            case ALL -> true;
        };
    }

    /** The first day of the period that contains {@code day}; both in UTC. */
    public LocalDate start(LocalDate day) {
        return switch (period) {
            case DAY -> day;
            case WEEK -> day.minusDays(day.getDayOfWeek().getValue() - 1L);
            case MONTH -> day.withDayOfMonth(1);
            case TOTAL -> EVER;
        };
    }

    /** The first day after the period that contains {@code day}; of {@link Period#TOTAL} one that never comes. */
    public LocalDate end(LocalDate day) {
        LocalDate start = start(day);
        return switch (period) {
            case DAY -> start.plusDays(1);
            case WEEK -> start.plusWeeks(1);
            case MONTH -> start.plusMonths(1);
            case TOTAL -> LocalDate.of(9999, 12, 31);
        };
    }

    /** The highest threshold that was reached, in per cent; 0 where none was. */
    public int reached(long spentNanos) {
        int highest = 0;
        for (int percent : alertAt) {
            highest = over(spentNanos, percent) ? percent : highest;
        }
        return highest;
    }

    /** Whether that much is at least that per cent of the limit. */
    public boolean over(long spentNanos, int percent) {
        // spent / limit >= percent / 100, in whole numbers that cannot overflow
        return spentNanos > 0
                && Math.multiplyHigh(spentNanos, 100) >= Math.multiplyHigh(limitNanos, percent)
                && (Math.multiplyHigh(spentNanos, 100) > Math.multiplyHigh(limitNanos, percent)
                        || Long.compareUnsigned(spentNanos * 100, limitNanos * percent) >= 0);
    }
}
