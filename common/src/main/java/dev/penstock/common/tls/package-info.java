/** TLS from PEM files. Start at {@link dev.penstock.common.tls.ServerTls}. */
@NullMarked
package dev.penstock.common.tls;

import org.jspecify.annotations.NullMarked;
