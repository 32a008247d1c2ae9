/** What the services say to each other, one sealed file per service; every message is a record. Start at the contract named after the service that serves it. */
@NullMarked
package dev.penstock.common.contract;

import org.jspecify.annotations.NullMarked;
