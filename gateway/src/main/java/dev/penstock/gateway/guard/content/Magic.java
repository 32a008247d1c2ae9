package dev.penstock.gateway.guard.content;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the first bytes say a file is, and whether that fits its declared type. The table is short on purpose: programs and
 * archives, which must not pass for something else, and the types whose pretence a check can find. Signatures as in the
 * file formats' own specifications. Pure.
 */
public final class Magic {
    /** Bytes that {@link #of} wants to see. */
    public static final int NEEDED = 512;

    private static final int TAR_MAGIC_AT = 257;
    private static final Set<String> PROGRAMS = Set.of("elf", "pe", "mach-o", "class", "script");
    /** Their signatures are letters that a text may begin with; their bytes are found by being none of a text. */
    private static final Set<String> WORDS = Set.of("mp3", "bzip2", "flac", "ogg", "gif");

    private static final Set<String> ZIP_TYPES = Set.of(
            "application/zip",
            "application/x-zip-compressed",
            "application/java-archive",
            "application/epub+zip",
            "application/vnd.android.package-archive");
    private static final Map<String, Set<String>> KINDS = Map.ofEntries(
            Map.entry("application/pdf", Set.of("pdf")),
            Map.entry("image/png", Set.of("png")),
            Map.entry("image/jpeg", Set.of("jpeg")),
            Map.entry("image/gif", Set.of("gif")),
            Map.entry("image/webp", Set.of("webp")),
            Map.entry("image/bmp", Set.of("bmp")),
            Map.entry("image/tiff", Set.of("tiff")),
            Map.entry("audio/mpeg", Set.of("mp3")),
            Map.entry("audio/wav", Set.of("wav")),
            Map.entry("audio/x-wav", Set.of("wav")),
            Map.entry("audio/flac", Set.of("flac")),
            Map.entry("audio/ogg", Set.of("ogg")),
            Map.entry("video/mp4", Set.of("mp4")),
            Map.entry("video/webm", Set.of("webm")),
            Map.entry("application/gzip", Set.of("gzip")),
            Map.entry("application/x-gzip", Set.of("gzip")),
            Map.entry("application/x-tar", Set.of("tar")),
            Map.entry("application/zstd", Set.of("zstd")),
            Map.entry("application/x-7z-compressed", Set.of("7z")),
            Map.entry("application/x-bzip2", Set.of("bzip2")),
            Map.entry("application/x-xz", Set.of("xz")));

    private record Signature(String kind, int at, String latin) {}

    private static final List<Signature> SIGNATURES = List.of(
            sign("elf", 0, "\u007fELF"),
            sign("mach-o", 0, "\u00fe\u00ed\u00fa\u00ce"),
            sign("mach-o", 0, "\u00fe\u00ed\u00fa\u00cf"),
            sign("mach-o", 0, "\u00ce\u00fa\u00ed\u00fe"),
            sign("mach-o", 0, "\u00cf\u00fa\u00ed\u00fe"),
            sign("class", 0, "\u00ca\u00fe\u00ba\u00be"),
            sign("script", 0, "#!"),
            sign("pdf", 0, "%PDF-"),
            sign("png", 0, "\u0089PNG\r\n\u001a\n"),
            sign("jpeg", 0, "\u00ff\u00d8\u00ff"),
            sign("gif", 0, "GIF8"),
            sign("tiff", 0, "II*\0"),
            sign("tiff", 0, "MM\0*"),
            sign("flac", 0, "fLaC"),
            sign("ogg", 0, "OggS"),
            sign("mp3", 0, "ID3"),
            sign("mp3", 0, "\u00ff\u00fb"),
            sign("mp4", 4, "ftyp"),
            sign("webm", 0, "\u001aE\u00df\u00a3"),
            sign("zip", 0, "PK\u0003\u0004"),
            sign("zip", 0, "PK\u0005\u0006"),
            sign("gzip", 0, "\u001f\u008b"),
            sign("zstd", 0, "(\u00b5/\u00fd"),
            sign("7z", 0, "7z\u00bc\u00af'\u001c"),
            sign("rar", 0, "Rar!\u001a\u0007"),
            sign("bzip2", 0, "BZh"),
            sign("xz", 0, "\u00fd7zXZ\0"),
            sign("ole", 0, "\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1"),
            sign("tar", TAR_MAGIC_AT, "ustar"));

    private Magic() {}

    private static Signature sign(String kind, int at, String latin) {
        return new Signature(kind, at, latin);
    }

    /** The kind of a file that begins with {@code head}: a short name, or null for what has no signature. */
    public static @Nullable String of(byte[] head, int length) {
        for (Signature signature : SIGNATURES) {
            if (has(head, length, signature.at(), signature.latin())) {
                return signature.kind();
            }
        }
        if (has(head, length, 0, "RIFF")) {
            return has(head, length, 8, "WEBP") ? "webp" : has(head, length, 8, "WAVE") ? "wav" : "riff";
        }
        // Two letters alone are also how a text may begin.
        if (has(head, length, 0, "MZ") && binary(head, length)) {
            return "pe";
        }
        return has(head, length, 0, "BM") && binary(head, length) ? "bmp" : null;
    }

    /** Why a file that begins so cannot be of that type; null where it can, or where the type says nothing. */
    public static @Nullable String contradiction(@Nullable String declared, byte[] head, int length) {
        String type = bare(declared);
        if (type.isEmpty() || type.equals("application/octet-stream") || length == 0) {
            return null;
        }
        String kind = of(head, length);
        Set<String> wanted = KINDS.get(type);
        if (wanted != null) {
            return kind != null && wanted.contains(kind) ? null : mismatch(type, kind);
        }
        if (ZIP_TYPES.contains(type)
                || type.startsWith("application/vnd.openxmlformats")
                || type.startsWith("application/vnd.oasis.opendocument")) {
            return "zip".equals(kind) ? null : mismatch(type, kind);
        }
        if (textual(type)) {
            boolean scripted = "script".equals(kind) && type.startsWith("text/");
            boolean other = kind != null && !scripted && !WORDS.contains(kind);
            if (other || binary(head, length)) {
                return mismatch(type, kind);
            }
            return json(type) && !beginsAsJson(head, length) ? "it does not begin as JSON does" : null;
        }
        return kind != null && PROGRAMS.contains(kind) ? mismatch(type, kind) : null;
    }

    private static String mismatch(String type, @Nullable String kind) {
        return "it is declared as " + type + " and " + (kind == null ? "is something else" : "is " + kind);
    }

    private static String bare(@Nullable String declared) {
        if (declared == null) {
            return "";
        }
        int end = declared.indexOf(';');
        return (end < 0 ? declared : declared.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    }

    private static boolean json(String type) {
        return type.equals("application/json") || type.endsWith("+json");
    }

    private static boolean textual(String type) {
        return type.startsWith("text/")
                || json(type)
                || type.endsWith("+xml")
                || type.equals("application/xml")
                || type.equals("application/jsonl")
                || type.equals("application/x-ndjson")
                || type.equals("application/yaml");
    }

    private static boolean beginsAsJson(byte[] head, int length) {
        for (int i = 0; i < length; i++) {
            char c = (char) (head[i] & 0xff);
            if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
                return "{[\"-0123456789tfn".indexOf(c) >= 0;
            }
        }
        return true;
    }

    /** A NUL stands in no text other than UTF-16, which says so by its first bytes. */
    private static boolean binary(byte[] head, int length) {
        if (length >= 2
                && ((head[0] == (byte) 0xff && head[1] == (byte) 0xfe)
                        || (head[0] == (byte) 0xfe && head[1] == (byte) 0xff))) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (head[i] == 0) {
                return true;
            }
        }
        return false;
    }

    private static boolean has(byte[] head, int length, int at, String wanted) {
        if (length < at + wanted.length()) {
            return false;
        }
        for (int i = 0; i < wanted.length(); i++) {
            if ((head[at + i] & 0xff) != wanted.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
