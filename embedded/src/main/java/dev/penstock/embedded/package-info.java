/**
 * A real PostgreSQL and a real Redis, started from binaries that come as Maven artifacts, so that one
 * command runs Penstock on a bare machine; entry class {@link dev.penstock.embedded.EmbeddedServers}.
 */
@NullMarked
package dev.penstock.embedded;

import org.jspecify.annotations.NullMarked;
