/** Redis and Postgres as the services see them: bounded, with deadlines, absent at times. Start at {@link dev.penstock.common.store.Redis} and {@link dev.penstock.common.store.Postgres}. */
@NullMarked
package dev.penstock.common.store;

import org.jspecify.annotations.NullMarked;
