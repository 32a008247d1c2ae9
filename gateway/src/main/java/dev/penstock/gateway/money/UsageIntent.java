package dev.penstock.gateway.money;

import dev.penstock.common.contract.Usage;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.List;

/**
 * What is known of an attempt before it is made.
 *
 * @param id {@code <day as yyyymmdd>-<start of the process>-<number>}: the same record, written twice, is one record
 * @param atMillis wall clock
 * @param requestId the caller's, so not necessarily unique
 * @param attempt from 1
 * @param user empty where nobody is behind the key
 * @param team empty where the key has none
 * @param instance empty where it is chosen later
 * @param estimate what was set aside, marked as estimated
 * @param estimatedCost nano-dollars or {@code Price.UNPRICED}
 */
record UsageIntent(
        String id,
        long atMillis,
        String requestId,
        int attempt,
        String keyId,
        String user,
        String team,
        List<String> tags,
        String route,
        String operation,
        String model,
        String instance,
        Usage estimate,
        long estimatedCost) {
    private static final int DAY_DIGITS = 8;

    UsageIntent {
        tags = List.copyOf(tags);
    }

    /** UTC, from the id. */
    LocalDate day() {
        return LocalDate.parse(id.substring(0, DAY_DIGITS), DateTimeFormatter.BASIC_ISO_DATE);
    }
}
