package dev.penstock.gateway.privacy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Every table and column of the schema, and what it means for a person's data. A test compares it with the real schema:
 * a new column is named here or the build fails.
 */
public final class PrivacyRegistry {
    /** What a column holds. */
    public enum Holds {
        /** Nothing about a person. */
        PLAIN,
        /** The id of a person or key: the row is about that one. */
        SUBJECT,
        /** The id of the person to whom the row's subject belongs: what is found under it is theirs too. */
        OWNER,
        /** The id of somebody who acted on the row, which itself is about another. */
        REFERENCE,
        /** A name, an address and the like of the row's subject. */
        PERSONAL,
        /** The same, encrypted: shown in clear to who may export it, and emptied with the row's subject. */
        SEALED,
        /** What a sealed value is found by: never exported, emptied with it. */
        INDEX,
        /** A JSON document that may mention an id. */
        TEXT,
        /** A tenant of the cache, {@code key:} or {@code user:} and an id: the rows go with it. */
        TENANT,
        /** A credential's hash or encrypted bytes: never exported. */
        HIDDEN
    }

    /**
     * One table.
     *
     * @param deleted whether erasing somebody deletes the rows about them; else they stay under a random pseudonym, so
     *     that sums do not change, and so that gateways which were away still read which keys and sessions ended
     */
    public record Table(String name, boolean deleted, Map<String, Holds> columns) {
        List<String> those(Holds holds) {
            return columns.entrySet().stream()
                    .filter(column -> column.getValue() == holds)
                    .map(Map.Entry::getKey)
                    .toList();
        }
    }

    /**
     * A line each: the table, {@code delete} or {@code keep}, its columns; {@code =} says what a column holds, nothing
     * means plain.
     */
    private static final String LINES = """
            api_key keep id=subject created_by=reference name=personal hash=hidden user_id=owner role team unlimited priority models routes rate_class tags budgets created_at expires_at revoked_at suspended previous_hash=hidden previous_until version
            address_block keep created_by=reference address reason strikes began_at ends_at lifted_at version
            app_user delete id=subject name=personal email=sealed email_index=index created_by=reference password=hidden role team disabled_at created_at
            login_session keep user_id=subject id generation created_at used_at expires_at ended_at ended_why version
            team keep created_by=reference name description disabled_at created_at
            cache_entry delete tenant=tenant envelope=hidden high low type stamp expires_at
            cache_generation keep scope number changed_at
            alert keep body=text id fingerprint state revision updated_at
            alert_event keep body=text id at
            audit_entry keep seq recorded_at at id kind allowed further actor target correlation_id actor_data=hidden target_data=hidden hash
            audit_head keep one seq hash recorded_at first_seq first_previous
            audit_subject keep ref lookup=hidden key=hidden created_at
            budget delete subject=subject changed_by=reference name scope period limit_nanos hard alert_at changed_at
            usage_record keep key_id=subject user_name=subject day id at request_id attempt team tags route operation model instance outcome calls input_tokens cached_tokens cache_write_tokens output_tokens reasoning_tokens estimated cost_nanos
            """;

    private static final List<Table> TABLES = parse();

    private PrivacyRegistry() {}

    public static List<Table> tables() {
        return TABLES;
    }

    private static List<Table> parse() {
        List<Table> tables = new ArrayList<>();
        LINES.lines().forEach(line -> {
            String[] words = line.strip().split(" +", -1);
            Map<String, Holds> columns = new LinkedHashMap<>();
            for (int i = 2; i < words.length; i++) {
                String[] pair = words[i].split("=", 2);
                columns.put(pair[0], pair.length == 1 ? Holds.PLAIN : Holds.valueOf(pair[1].toUpperCase(Locale.ROOT)));
            }
            tables.add(new Table(words[0], words[1].equals("delete"), columns));
        });
        return List.copyOf(tables);
    }
}
