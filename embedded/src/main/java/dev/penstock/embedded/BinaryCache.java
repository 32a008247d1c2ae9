package dev.penstock.embedded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.jar.JarEntry;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * Unpacks the servers' binaries once. The folder is named by the checksum of what it was unpacked from, so
 * that a new version never runs old files, and appears by one rename, so that a start that was killed half
 * way leaves nothing that looks complete.
 */
final class BinaryCache {
    private static final String FOR_OWNER = "rwxr-xr-x";

    private final Path folder;
    private final Platform platform;

    BinaryCache(Path folder, Platform platform) {
        this.folder = folder;
        this.platform = platform;
    }

    /** The folder that holds {@code bin/postgres}. */
    Path postgres() {
        URL archive = find(platform.postgresArchives(), "PostgreSQL", "postgres.url");
        return unpacked(archive, "postgres", BinaryCache::untar);
    }

    /** The Redis executable. */
    Path redis() {
        URL file = find(platform.redisExecutables(), "Redis", "redis.url");
        return unpacked(file, "redis", BinaryCache::copyExecutable).resolve("redis-server");
    }

    private URL find(List<String> names, String server, String setting) {
        for (String name : names) {
            URL url = BinaryCache.class.getResource(name);
            if (url != null) {
                return url;
            }
        }
        throw new EmbeddedException("There is no embedded " + server + " for " + platform
                + " in this build; run one yourself and give its address as " + setting + ".");
    }

    private Path unpacked(URL source, String name, Unpacker unpacker) {
        try {
            Path target = folder.resolve(name + "-" + fingerprint(source));
            if (Files.isDirectory(target)) {
                return target;
            }
            Files.createDirectories(folder);
            removeAbandoned();
            Path half = folder.resolve(name + ".part-" + UUID.randomUUID());
            Files.createDirectory(half);
            try (InputStream in = new BufferedInputStream(source.openStream(), 1 << 16)) {
                unpacker.unpack(in, half);
            }
            publish(half, target);
            return target;
        } catch (IOException e) {
            throw new EmbeddedException(
                    "Cannot unpack " + name + " into " + folder + " (" + Folders.reason(e)
                            + "); check that the folder is writable and the disk is not full.",
                    e);
        }
    }

    /** What a start killed while unpacking left; an hour old, since another start may be unpacking now. */
    private void removeAbandoned() throws IOException {
        Instant old = Instant.now().minus(Duration.ofHours(1));
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry :
                    entries.filter(path -> path.toString().contains(".part-")).toList()) {
                if (Files.getLastModifiedTime(entry).toInstant().isBefore(old)) {
                    Folders.deleteTree(entry);
                }
            }
        }
    }

    private static void publish(Path half, Path target) throws IOException {
        try {
            Files.move(half, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            // Another start was faster; its files are the same.
            Folders.deleteTree(half);
            if (!Files.isDirectory(target)) {
                throw e;
            }
        }
    }

    /** The checksum the jar already keeps, so that a second start need not read 15 MB to know them. */
    private static String fingerprint(URL source) throws IOException {
        URLConnection connection = source.openConnection();
        if (connection instanceof JarURLConnection jar) {
            JarEntry entry = jar.getJarEntry();
            return Long.toHexString(entry.getCrc()) + "-" + Long.toString(entry.getSize(), 36);
        }
        try (InputStream opened = connection.getInputStream()) {
            return Long.toString(connection.getLastModified(), 36) + "-" + opened.available();
        }
    }

    private static void copyExecutable(InputStream in, Path target) throws IOException {
        Path file = target.resolve("redis-server");
        Files.copy(in, file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(FOR_OWNER));
    }

    private static void untar(InputStream in, Path target) throws IOException {
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(in))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                writeEntry(tar, entry, target);
            }
        }
    }

    private static void writeEntry(TarArchiveInputStream tar, TarArchiveEntry entry, Path target) throws IOException {
        Path path = target.resolve(entry.getName()).normalize();
        if (!path.startsWith(target)) {
            throw new IOException("entry outside of the archive: " + entry.getName());
        }
        if (entry.isDirectory()) {
            Files.createDirectories(path);
            return;
        }
        Path parent = path.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
        } else if (entry.isLink()) {
            Files.copy(target.resolve(entry.getLinkName()), path, StandardCopyOption.COPY_ATTRIBUTES);
        } else {
            Files.copy(tar, path);
            if ((entry.getMode() & 0100) != 0) {
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(FOR_OWNER));
            }
        }
    }

    @FunctionalInterface
    private interface Unpacker {
        void unpack(InputStream in, Path target) throws IOException;
    }
}
