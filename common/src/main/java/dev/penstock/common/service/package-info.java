/** What every service is given and what it must offer. Start at {@link dev.penstock.common.service.Service}. */
@NullMarked
package dev.penstock.common.service;

import org.jspecify.annotations.NullMarked;
