/** The cache tier in each gateway's heap, and the names of answers. Start at {@link dev.penstock.gateway.nearcache.NearCache}. */
@NullMarked
package dev.penstock.gateway.nearcache;

import org.jspecify.annotations.NullMarked;
