package dev.penstock.gateway.ops;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The dashboard's files, all in memory. Only what stood in the folder when the process began can be asked for, so there
 * is no path that could lead out of it.
 */
final class Bundle {
    static final Bundle EMPTY = new Bundle(Map.of());

    private static final String FOLDER = "dashboard/";
    private static final String INDEX = "index.html";
    private static final Map<String, String> TYPES = Map.ofEntries(
            Map.entry("html", "text/html; charset=utf-8"),
            Map.entry("js", "text/javascript; charset=utf-8"),
            Map.entry("css", "text/css; charset=utf-8"),
            Map.entry("svg", "image/svg+xml"),
            Map.entry("png", "image/png"),
            Map.entry("ico", "image/x-icon"),
            Map.entry("json", "application/json"),
            Map.entry("txt", "text/plain; charset=utf-8"),
            Map.entry("woff2", "font/woff2"));

    /** @param encodings the same content compressed, by the name of the encoding */
    record Asset(String type, String etag, Buffer plain, Map<String, Buffer> encodings) {}

    private final Map<String, Asset> assets;

    private Bundle(Map<String, Asset> assets) {
        this.assets = assets;
    }

    /** The file of that name below the folder, or null. */
    @Nullable
    Asset find(String name) {
        return assets.get(name);
    }

    /** The page that every address of the dashboard begins with, or null where there is no dashboard. */
    @Nullable
    Asset index() {
        return assets.get(INDEX);
    }

    /** Reads all files; empty where the classpath has none. Blocks. */
    static Bundle load(ClassLoader loader) {
        URL index = loader.getResource(FOLDER + INDEX);
        if (index == null) {
            return EMPTY;
        }
        try {
            return of("jar".equals(index.getProtocol()) ? fromJar(index) : fromFolder(index.toURI()));
        } catch (IOException e) {
            throw new UncheckedIOException("the dashboard's files cannot be read", e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the dashboard is at an address that cannot be read: " + index, e);
        }
    }

    static Bundle of(Map<String, byte[]> files) {
        Map<String, Asset> assets = new HashMap<>();
        files.forEach((name, content) -> {
            if (!name.endsWith(".br") && !name.endsWith(".gz")) {
                assets.put(name, asset(name, content, files));
            }
        });
        return new Bundle(Map.copyOf(assets));
    }

    private static Asset asset(String name, byte[] content, Map<String, byte[]> files) {
        Map<String, Buffer> encodings = new TreeMap<>();
        for (String[] form : List.of(new String[] {"br", ".br"}, new String[] {"gzip", ".gz"})) {
            byte[] encoded = files.get(name + form[1]);
            if (encoded != null && encoded.length < content.length) {
                encodings.put(form[0], Buffer.buffer(encoded));
            }
        }
        String extension = name.substring(name.lastIndexOf('.') + 1);
        String type = TYPES.getOrDefault(extension, "application/octet-stream");
        return new Asset(type, etag(content), Buffer.buffer(content), Map.copyOf(encodings));
    }

    private static String etag(byte[] content) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            return HexFormat.of().formatHex(digest, 0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }

    private static Map<String, byte[]> fromJar(URL index) throws IOException {
        Map<String, byte[]> files = new HashMap<>();
        JarURLConnection connection = (JarURLConnection) index.openConnection();
        connection.setUseCaches(false);
        try (JarFile jar = connection.getJarFile()) {
            for (var entry : jar.stream().toList()) {
                if (!entry.isDirectory() && entry.getName().startsWith(FOLDER)) {
                    try (var content = jar.getInputStream(entry)) {
                        files.put(entry.getName().substring(FOLDER.length()), content.readAllBytes());
                    }
                }
            }
        }
        return files;
    }

    private static Map<String, byte[]> fromFolder(URI index) throws IOException {
        Path folder = Path.of(index).resolveSibling("");
        Map<String, byte[]> files = new HashMap<>();
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                files.put(folder.relativize(path).toString().replace('\\', '/'), Files.readAllBytes(path));
            }
        }
        return files;
    }
}
