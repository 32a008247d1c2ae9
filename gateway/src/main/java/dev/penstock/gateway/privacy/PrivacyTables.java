package dev.penstock.gateway.privacy;

import dev.penstock.common.crypto.FieldCipher;
import dev.penstock.common.store.Postgres;
import dev.penstock.gateway.privacy.PrivacyRegistry.Holds;
import dev.penstock.gateway.privacy.PrivacyRegistry.Table;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds and removes somebody in Postgres, as the registry says. Names of tables and columns come from it alone. */
final class PrivacyTables {
    /** Of one table, in one export. */
    private static final int MOST_ROWS = 10_000;

    private final Postgres postgres;
    private final FieldCipher cipher;

    PrivacyTables(Postgres postgres, FieldCipher cipher) {
        this.postgres = postgres;
        this.cipher = cipher;
    }

    /** The subject and what belongs to them, such as their keys. */
    Future<Set<String>> names(String subject) {
        Set<String> names = new HashSet<>(Set.of(subject));
        Future<Void> chain = Future.succeededFuture();
        for (Table table : PrivacyRegistry.tables()) {
            for (String owner : table.those(Holds.OWNER)) {
                for (String column : table.those(Holds.SUBJECT)) {
                    String sql = "SELECT " + column + "::text FROM penstock." + table.name() + " WHERE " + owner
                            + " = $1 AND " + column + " IS NOT NULL LIMIT " + MOST_ROWS;
                    chain = chain.compose(done -> postgres.query(sql, Tuple.of(subject)))
                            .onSuccess(rows -> rows.forEach(row -> names.add(row.getString(0))))
                            .mapEmpty();
                }
            }
        }
        return chain.map(done -> names);
    }

    /** The rows that name any of these, by table; tables without any are left out. */
    Future<JsonObject> export(Set<String> names) {
        JsonObject found = new JsonObject();
        Future<Void> chain = Future.succeededFuture();
        for (Table table : PrivacyRegistry.tables()) {
            String where = where(table);
            if (!where.isEmpty()) {
                String sql = "SELECT to_jsonb(t) - $4::text[] FROM penstock." + table.name() + " t WHERE " + where
                        + " LIMIT " + MOST_ROWS;
                List<String> hidden = new ArrayList<>(table.those(Holds.HIDDEN));
                hidden.addAll(table.those(Holds.INDEX));
                Tuple values = values(names).addArrayOfString(hidden.toArray(String[]::new));
                chain = chain.compose(done -> postgres.query(sql, values))
                        .onSuccess(rows -> {
                            JsonArray array = new JsonArray();
                            for (Row row : rows) {
                                array.add(opened(table, row.getJsonObject(0)));
                            }
                            if (!array.isEmpty()) {
                                found.put(table.name(), array);
                            }
                        })
                        .mapEmpty();
            }
        }
        return chain.map(done -> found);
    }

    /** With what is sealed in clear. Such a column is a text, bound to its table's name and the row's subject. */
    private JsonObject opened(Table table, JsonObject row) {
        for (String column : table.those(Holds.SEALED)) {
            String sealed = row.getString(column);
            if (sealed != null) {
                String subject = row.getString(table.those(Holds.SUBJECT).getFirst());
                row.put(column, cipher.decryptText(sealed, table.name() + "." + column, subject));
            }
        }
        return row;
    }

    /**
     * Removes all of them at once or nothing.
     *
     * @param pseudonyms what stands for each name where rows stay
     * @param erase whether rows that are about a name alone are deleted
     */
    Future<Void> remove(Map<String, String> pseudonyms, boolean erase) {
        return postgres.transaction(connection -> {
            Future<Void> chain = Future.succeededFuture();
            for (Table table : PrivacyRegistry.tables()) {
                for (Map.Entry<String, String> one : pseudonyms.entrySet()) {
                    chain = chain.compose(done -> remove(connection, table, one.getKey(), one.getValue(), erase));
                }
            }
            return chain;
        });
    }

    private static Future<Void> remove(
            SqlConnection connection, Table table, String name, String pseudonym, boolean erase) {
        Future<Void> chain = Future.succeededFuture();
        String target = "penstock." + table.name();
        for (String tenant : table.those(Holds.TENANT)) {
            chain = run(chain, connection, "DELETE FROM " + target + " WHERE " + tenant + " = ANY($1)", tenants(name));
        }
        List<String> mine = new ArrayList<>(table.those(Holds.SUBJECT));
        mine.addAll(table.those(Holds.OWNER));
        for (String column : mine) {
            if (erase && table.deleted()) {
                chain = run(chain, connection, "DELETE FROM " + target + " WHERE " + column + " = $1", Tuple.of(name));
            } else {
                StringBuilder sql = new StringBuilder("UPDATE " + target + " SET " + column + " = $2");
                // Not empty: names of users differ from each other.
                table.those(Holds.PERSONAL)
                        .forEach(personal -> sql.append(", ").append(personal).append(" = $2"));
                for (Holds emptied : List.of(Holds.SEALED, Holds.INDEX)) {
                    table.those(emptied)
                            .forEach(closed -> sql.append(", ").append(closed).append(" = NULL"));
                }
                chain = run(chain, connection, sql + " WHERE " + column + " = $1", Tuple.of(name, pseudonym));
            }
        }
        for (String column : table.those(Holds.REFERENCE)) {
            String sql = "UPDATE " + target + " SET " + column + " = $2 WHERE " + column + " = $1";
            chain = run(chain, connection, sql, Tuple.of(name, pseudonym));
        }
        for (String column : table.those(Holds.TEXT)) {
            // As a JSON text: a part of a longer word is another's.
            String sql = "UPDATE " + target + " SET " + column + " = regexp_replace(" + column
                    + "::text, $1, $2, 'g')::jsonb" + " WHERE " + column + "::text ~ $1";
            chain = run(chain, connection, sql, Tuple.of(word(name), pseudonym));
        }
        return chain;
    }

    private static Tuple tenants(String name) {
        return Tuple.tuple().addArrayOfString(new String[] {"key:" + name, "user:" + name});
    }

    private static Future<Void> run(Future<Void> chain, SqlConnection connection, String sql, Tuple values) {
        return chain.compose(
                done -> connection.preparedQuery(sql).execute(values).mapEmpty());
    }

    private static String where(Table table) {
        List<String> tests = new ArrayList<>();
        for (Map.Entry<String, Holds> column : table.columns().entrySet()) {
            switch (column.getValue()) {
                case SUBJECT, OWNER, REFERENCE -> tests.add(column.getKey() + " = ANY($1)");
                case TENANT -> tests.add(column.getKey() + " = ANY($2)");
                case TEXT -> tests.add(column.getKey() + "::text ~ ANY($3)");
                case PLAIN, PERSONAL, SEALED, INDEX, HIDDEN -> {}
            }
        }
        // Each parameter has a type only where it is used.
        return tests.isEmpty()
                ? ""
                : "($1::text[] IS NOT NULL AND $2::text[] IS NOT NULL AND $3::text[] IS NOT NULL) AND ("
                        + String.join(" OR ", tests) + ")";
    }

    private static Tuple values(Set<String> names) {
        List<String> tenants = new ArrayList<>();
        names.forEach(name -> {
            tenants.add("key:" + name);
            tenants.add("user:" + name);
        });
        return Tuple.tuple()
                .addArrayOfString(names.toArray(String[]::new))
                .addArrayOfString(tenants.toArray(String[]::new))
                .addArrayOfString(names.stream().map(PrivacyTables::word).toArray(String[]::new));
    }

    /** A regular expression of Postgres for the name as a whole word. */
    static String word(String name) {
        return "(?<![A-Za-z0-9_])" + name.replaceAll("([^A-Za-z0-9_])", "\\\\$1") + "(?![A-Za-z0-9_])";
    }
}
