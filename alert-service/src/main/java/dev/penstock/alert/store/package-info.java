/** Where alerts last: Postgres, and the spool while Postgres is away. Start at {@link dev.penstock.alert.store.DurableAlerts}. */
@NullMarked
package dev.penstock.alert.store;

import org.jspecify.annotations.NullMarked;
