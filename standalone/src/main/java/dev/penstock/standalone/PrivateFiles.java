package dev.penstock.standalone;

import dev.penstock.common.lifecycle.StartException;
import dev.penstock.common.unit.Secret;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Set;

/** Generated secrets in the data folder, readable by their owner alone. Blocks on the disk. */
final class PrivateFiles {
    /** As the first admin key: a name by which tools that look for leaked keys can know it. */
    private static final String KEY_PREFIX = "psk-";

    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    /** Of 62 characters: 256 bits. */
    private static final int KEY_LENGTH = 43;

    private static final Set<PosixFilePermission> OWNER_FILE = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> OWNER_FOLDER = PosixFilePermissions.fromString("rwx------");

    private PrivateFiles() {}

    /** Makes the folder and its parents. */
    static Path folder(Path folder) {
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(folder, posix(folder, OWNER_FOLDER));
            }
            if (!Files.isWritable(folder) || !Files.isReadable(folder)) {
                throw new AccessDeniedException(folder.toString());
            }
            return folder.toRealPath();
        } catch (IOException e) {
            throw new StartException(
                    "Cannot use the data folder " + folder + " (" + reason(e)
                            + "); make it a folder you may write to, or choose another with --data.",
                    e);
        }
    }

    /** The secret in the file; made where there is none. */
    static Secret secret(Path file) {
        try {
            if (!Files.exists(file)) {
                write(file, generate());
            }
            String text = Files.readString(file, StandardCharsets.UTF_8).strip();
            if (text.isEmpty()) {
                throw new StartException("The file " + file + " is empty; put the secret back, or delete the file.");
            }
            return new Secret(text);
        } catch (IOException e) {
            throw new StartException("Cannot read or write " + file + " (" + reason(e) + "); check who owns it.", e);
        }
    }

    /** Replaces what other commands need to know about the running process. */
    static void note(Path file, String text) {
        try {
            Files.deleteIfExists(file);
            write(file, text);
        } catch (IOException e) {
            throw new StartException("Cannot write " + file + " (" + reason(e) + "); check who owns it.", e);
        }
    }

    private static void write(Path file, String text) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), posix(file, OWNER_FILE))) {
            channel.write(StandardCharsets.UTF_8.encode(text + "\n"));
        }
    }

    private static FileAttribute<?>[] posix(Path path, Set<PosixFilePermission> permissions) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)}
                : new FileAttribute<?>[0];
    }

    private static String generate() {
        SecureRandom random = new SecureRandom();
        StringBuilder key = new StringBuilder(KEY_PREFIX);
        for (int i = 0; i < KEY_LENGTH; i++) {
            key.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return key.toString();
    }

    private static String reason(IOException e) {
        return switch (e) {
            case AccessDeniedException denied -> "permission denied";
            case NoSuchFileException missing -> "it cannot be made there";
            case FileAlreadyExistsException exists -> "a file of that name is in the way";
            default -> String.valueOf(e.getMessage());
        };
    }
}
