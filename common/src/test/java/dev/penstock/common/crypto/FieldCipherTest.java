package dev.penstock.common.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.unit.Bytes;
import dev.penstock.common.unit.Secret;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class FieldCipherTest {
    private static final Secret OLD = new Secret("old-0123456789abcdef0123456789abcdef");
    private static final Secret NEW = new Secret("new-0123456789abcdef0123456789abcdef");
    private final FieldCipher cipher = FieldCipher.of(List.of(OLD));

    @Property(tries = 200)
    void whatWasEncryptedComesBackOnlyAtItsPlace(
            @ForAll String plain, @ForAll String field, @ForAll String row, @ForAll String otherRow) {
        String wellFormed = new String(plain.getBytes(UTF_8), UTF_8);
        String sealed = cipher.encryptText(wellFormed, field, row);
        assertThat(cipher.decryptText(sealed, field, row)).isEqualTo(wellFormed);
        byte[] one = row.getBytes(UTF_8);
        byte[] other = otherRow.getBytes(UTF_8);
        if (!Arrays.equals(one, other)) {
            assertThatThrownBy(() -> cipher.decryptText(sealed, field, otherRow))
                    .isInstanceOf(Fault.class);
        }
    }

    @Test
    void theTextIsNotInTheCiphertextAndNoTwoAreEqual() {
        String one = cipher.encryptText("ada@example.com", "user.email", "1");
        assertThat(one).doesNotContain("ada").isNotEqualTo(cipher.encryptText("ada@example.com", "user.email", "1"));
    }

    @Test
    void afterARotationOldRowsStillOpenAndNewOnesAreUnderTheNewKey() {
        Bytes old = cipher.encrypt(Bytes.of("ada"), "f", "r");
        FieldCipher rotated = FieldCipher.of(List.of(NEW, OLD));
        assertThat(rotated.decrypt(old, "f", "r")).isEqualTo(Bytes.of("ada"));
        assertThat(rotated.outdated(old)).isTrue();
        Bytes written = rotated.encrypt(Bytes.of("ada"), "f", "r");
        assertThat(rotated.outdated(written)).isFalse();
        assertThat(FieldCipher.of(List.of(NEW)).decrypt(written, "f", "r")).isEqualTo(Bytes.of("ada"));
        assertThatThrownBy(() -> cipher.decrypt(written, "f", "r"))
                .hasMessageContaining("encryption.keys does not hold");
    }

    @Test
    void everyChangedByteIsNoticed() {
        byte[] sealed = cipher.encrypt(Bytes.of("ada"), "f", "r").unsafeArray();
        for (int i = 0; i < sealed.length; i++) {
            byte[] changed = sealed.clone();
            changed[i] ^= 1;
            assertThatThrownBy(() -> cipher.decrypt(Bytes.of(changed), "f", "r"))
                    .as("byte %d", i)
                    .isInstanceOf(Fault.class);
        }
    }

    @Test
    void anIndexFindsEqualValuesOfOneFieldUnderEachKey() {
        FieldCipher rotated = FieldCipher.of(List.of(NEW, OLD));
        Bytes stored = cipher.index("ada@example.com", "user.email");
        assertThat(rotated.indexes("ada@example.com", "user.email"))
                .contains(stored)
                .hasSize(2);
        assertThat(cipher.index("ada@example.com", "user.name")).isNotEqualTo(stored);
    }

    @Test
    void aValueInClearIsNotTakenForAnEncryptedOne() {
        assertThatThrownBy(() -> cipher.decryptText("ada@example.com", "user.email", "1"))
                .hasMessageContaining("user.email")
                .hasMessageContaining("not an encrypted value");
    }

    @Test
    void keysNeverShowThemselves() {
        assertThat(cipher.toString()).doesNotContain("old-");
    }
}
