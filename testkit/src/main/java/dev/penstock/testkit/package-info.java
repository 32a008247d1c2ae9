/**
 * What tests share: real servers, a proxy that breaks connections, a scripted model server, child JVMs, a
 * clock that is turned by hand and the one loop that waits; entry class {@link dev.penstock.testkit.TestServers}.
 */
@NullMarked
package dev.penstock.testkit;

import org.jspecify.annotations.NullMarked;
