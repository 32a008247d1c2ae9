package dev.penstock.gateway.auth;

import java.util.Collection;

/**
 * Rows of a table in memory at one moment. Immutable: a change makes a new one.
 *
 * @param <R> a row
 * @param <T> the snapshot itself
 */
interface Snapshot<R, T extends Snapshot<R, T>> {
    /** The newest version that is contained. */
    long version();

    int size();

    /** Whether the row's version was read already. */
    boolean includes(R row);

    /** With these rows, in the order of their versions; itself where there are none. */
    T with(Collection<R> rows);

    /** With a row that this process wrote itself. The version stays: rows of others with a lower one may not be read yet. */
    T ahead(R row);

    /** With what was heard of elsewhere: the ids of what ended. The version stays, so that the rows are still read. */
    T heard(Collection<String> ended);
}
