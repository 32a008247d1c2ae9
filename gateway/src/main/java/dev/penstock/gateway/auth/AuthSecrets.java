package dev.penstock.gateway.auth;

import dev.penstock.common.config.AuthConfig;
import dev.penstock.common.unit.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * The secret that keys are hashed under and the first admin key: from the configuration, else made once and kept in the
 * data folder, readable by its owner alone. Reads files, so it is made at start.
 */
record AuthSecrets(Secret secret, Secret adminKey) {
    private static final String SECRET_FILE = "auth-secret";
    private static final String ADMIN_FILE = "admin-key";

    /** @throws UncheckedIOException where the folder cannot be read or written */
    static AuthSecrets resolve(AuthConfig config, Path folder) {
        return new AuthSecrets(
                given(config.secret()) ? config.secret() : kept(folder.resolve(SECRET_FILE)),
                given(config.adminKey()) ? config.adminKey() : kept(folder.resolve(ADMIN_FILE)));
    }

    private static boolean given(Secret secret) {
        return !secret.reveal().isBlank();
    }

    private static Secret kept(Path file) {
        try {
            if (!Files.exists(file)) {
                create(file);
            }
            return new Secret(Files.readString(file, StandardCharsets.UTF_8).strip());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep a secret in " + file, e);
        }
    }

    private static void create(Path file) throws IOException {
        boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] attributes = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (var channel = Files.newByteChannel(file, options, attributes)) {
            channel.write(StandardCharsets.UTF_8.encode(KeyText.key() + "\n"));
        } catch (FileAlreadyExistsException e) {
            // Another process on the same folder was first: its secret holds.
        }
    }
}
