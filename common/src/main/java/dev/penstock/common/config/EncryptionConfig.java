package dev.penstock.common.config;

import dev.penstock.common.unit.Secret;
import java.util.List;

/** Encryption of single values in the database. */
public record EncryptionConfig(
        @Setting(
                doc =
                        "Secrets under which personal data and stored credentials are encrypted, newest first: the first encrypts, all"
                                + " decrypt. Each has at least 32 characters. To rotate, put a new one in front and keep the old ones."
                                + " `./penstock up` makes one and keeps it in the data folder; in a cluster, empty derives one from"
                                + " `auth.secret`.")
        List<Secret> keys) {
    public EncryptionConfig {
        keys = List.copyOf(keys);
    }
}
