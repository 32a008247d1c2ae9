package dev.penstock.gateway.money;

import io.vertx.core.Future;
import java.time.LocalDate;
import java.util.List;

/** Where usage lasts. */
interface UsageStore {
    /** Stores records; those that are there already are left as they are. Failed where the store is away. */
    Future<Void> insert(List<UsageRecord> records);

    /**
     * What was spent since the start of that day, in nano-dollars.
     *
     * @param column {@code key_id}, {@code user_name}, {@code team} or {@code tags}; empty for everything
     */
    Future<Long> spent(String column, String subject, LocalDate since);
}
