package dev.penstock.common.store;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * The migrations that this build ships, by version, with the checksum that Flyway gives them (CRC-32 over the lines
 * without their ends). Knowing it without Flyway saves loading Flyway at each start.
 */
final class MigrationFiles {
    static final String LOCATION = "db/migration";
    private static final Pattern NAME = Pattern.compile("V(\\d+)__.*\\.sql");

    private MigrationFiles() {}

    /** Blocks on the class path. */
    static Map<Integer, Integer> checksums(ClassLoader loader) throws IOException {
        Map<Integer, Integer> found = new TreeMap<>();
        for (URL folder : Collections.list(loader.getResources(LOCATION))) {
            URLConnection connection = folder.openConnection();
            if (connection instanceof JarURLConnection jar) {
                fromJar(jar, found);
            } else {
                fromFolder(folder, found);
            }
        }
        return found;
    }

    static int checksum(String sql) {
        CRC32 crc = new CRC32();
        try (BufferedReader lines = new BufferedReader(new StringReader(sql))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                crc.update(line.getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory cannot fail", e);
        }
        return (int) crc.getValue();
    }

    private static void fromJar(JarURLConnection connection, Map<Integer, Integer> into) throws IOException {
        connection.setUseCaches(false);
        try (JarFile jar = connection.getJarFile()) {
            List<JarEntry> entries = jar.stream()
                    .filter(entry -> entry.getName().startsWith(LOCATION + "/"))
                    .toList();
            for (JarEntry entry : entries) {
                try (var in = new InputStreamReader(jar.getInputStream(entry), StandardCharsets.UTF_8)) {
                    add(entry.getName().substring(LOCATION.length() + 1), in.readAllAsString(), into);
                }
            }
        }
    }

    private static void fromFolder(URL folder, Map<Integer, Integer> into) throws IOException {
        try (Stream<Path> files = Files.list(Path.of(new URI(folder.toString())))) {
            for (Path file : files.toList()) {
                add(String.valueOf(file.getFileName()), Files.readString(file), into);
            }
        } catch (URISyntaxException e) {
            throw new IOException("cannot list " + folder, e);
        }
    }

    private static void add(String name, String sql, Map<Integer, Integer> into) {
        Matcher matcher = NAME.matcher(name);
        if (matcher.matches()) {
            into.put(Integer.valueOf(matcher.group(1)), checksum(sql));
        }
    }
}
