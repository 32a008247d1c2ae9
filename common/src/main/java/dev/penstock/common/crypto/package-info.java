/** Encryption of single values at rest. Start at {@link dev.penstock.common.crypto.FieldCipher}. */
@NullMarked
package dev.penstock.common.crypto;

import org.jspecify.annotations.NullMarked;
