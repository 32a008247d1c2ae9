package dev.penstock.gateway.auth;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The sessions that ended while tokens of theirs may still be about. Immutable. What is older falls out when all rows are
 * read anew, so that this holds the ends of one token's life and no more.
 */
final class EndedSessions implements Snapshot<EndedSessions.Ended, EndedSessions> {
    static final EndedSessions EMPTY = new EndedSessions(Set.of(), 0);

    /** A session that ended. */
    record Ended(String id, long version) {}

    private final Set<String> ids;
    private final long version;

    private EndedSessions(Set<String> ids, long version) {
        this.ids = ids;
        this.version = version;
    }

    boolean contains(String id) {
        return ids.contains(id);
    }

    @Override
    public long version() {
        return version;
    }

    @Override
    public int size() {
        return ids.size();
    }

    @Override
    public boolean includes(Ended row) {
        return row.version() <= version;
    }

    @Override
    public EndedSessions with(Collection<Ended> rows) {
        if (rows.isEmpty()) {
            return this;
        }
        Set<String> more = new HashSet<>(ids);
        long newest = version;
        for (Ended row : rows) {
            more.add(row.id());
            newest = Math.max(newest, row.version());
        }
        return new EndedSessions(more, newest);
    }

    @Override
    public EndedSessions ahead(Ended row) {
        return heard(List.of(row.id()));
    }

    @Override
    public EndedSessions heard(Collection<String> ended) {
        if (ids.containsAll(ended)) {
            return this;
        }
        Set<String> more = new HashSet<>(ids);
        more.addAll(ended);
        return new EndedSessions(more, version);
    }
}
