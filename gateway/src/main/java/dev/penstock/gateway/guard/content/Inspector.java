package dev.penstock.gateway.guard.content;

import dev.penstock.common.config.UploadsConfig;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Judges one file: its first bytes against its declared type, what archives unpack to, and the EICAR test signature in it
 * and in what lies in its archives (zip, gzip, tar). Nothing is unpacked to disk. One per file; blocks, for workers only.
 */
final class Inspector {
    /** The signature that all scanners know, written in two parts so that they leave this file alone. */
    static final String EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

    static final int HARMFUL = 422;
    private static final byte[] SIGNATURE = EICAR.getBytes(StandardCharsets.US_ASCII);
    /** Below this much, a high ratio harms nobody: a few bytes of zeros compress a thousandfold. */
    private static final long HARMLESS = 1024 * 1024;

    private static final int BUFFER = 16 * 1024;
    private static final int TAR_BLOCK = 512;
    private static final int TAR_SIZE_AT = 124;
    private static final int TAR_SIZE_LENGTH = 12;

    private final UploadsConfig bounds;
    private final long size;
    private long unpacked;
    private int entries;

    private Inspector(UploadsConfig bounds, long size) {
        this.bounds = bounds;
        this.size = size;
    }

    /**
     * Judges.
     *
     * @throws Fault when the file is refused
     * @throws IOException when it cannot be read
     */
    static void inspect(Path file, @Nullable String declaredType, UploadsConfig bounds) throws IOException {
        Inspector inspector = new Inspector(bounds, Files.size(file));
        byte[] head;
        try (InputStream in = Files.newInputStream(file)) {
            head = in.readNBytes(Magic.NEEDED);
        }
        String wrong = Magic.contradiction(declaredType, head, head.length);
        if (wrong != null) {
            throw Fault.of(FaultCode.UNSUPPORTED_MEDIA_TYPE, "The upload is refused: " + wrong + ".");
        }
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER)) {
            search(in);
        }
        if ("zip".equals(Magic.of(head, head.length))) {
            inspector.zipByDirectory(file);
        } else {
            try (InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER)) {
                inspector.archive(in, Magic.of(head, head.length), 1);
            }
        }
    }

    /** By the central directory, which is what others will read: its entries may overlap. */
    private void zipByDirectory(Path file) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            Enumeration<? extends ZipEntry> listed = zip.entries();
            while (listed.hasMoreElements()) {
                ZipEntry entry = listed.nextElement();
                counted();
                try (InputStream in = new BufferedInputStream(zip.getInputStream(entry), BUFFER)) {
                    entry(in, 1);
                }
            }
        } catch (ZipException | EOFException e) {
            throw broken();
        }
    }

    private void archive(InputStream in, @Nullable String kind, int depth) throws IOException {
        if (kind == null) {
            return;
        }
        boolean known = kind.equals("zip") || kind.equals("gzip") || kind.equals("tar");
        if (!known) {
            return;
        }
        if (depth > bounds.maxDepth()) {
            throw Fault.of(
                    FaultCode.TOO_LARGE,
                    "The upload is refused: archives lie more than " + bounds.maxDepth() + " deep in each other.");
        }
        try {
            switch (kind) {
                case "zip" -> zip(in, depth);
                case "gzip" -> entry(new BufferedInputStream(new GZIPInputStream(in, BUFFER), BUFFER), depth);
                default -> tar(in, depth);
            }
        } catch (ZipException | EOFException e) {
            throw broken();
        }
    }

    private void zip(InputStream in, int depth) throws IOException {
        // Not closed: it would close what it lies in.
        ZipInputStream zip = new ZipInputStream(in);
        while (zip.getNextEntry() != null) {
            counted();
            entry(new BufferedInputStream(zip, BUFFER), depth);
        }
    }

    /** One file in an archive: searched, counted, and looked into if it is an archive itself. */
    private void entry(InputStream in, int depth) throws IOException {
        in.mark(Magic.NEEDED + 1);
        byte[] head = in.readNBytes(Magic.NEEDED);
        in.reset();
        String kind = Magic.of(head, head.length);
        InputStream counting = new Counting(in);
        boolean archive = "zip".equals(kind) || "gzip".equals(kind) || "tar".equals(kind);
        if (archive) {
            archive(new BufferedInputStream(counting, BUFFER), kind, depth + 1);
        }
        search(counting);
    }

    private void tar(InputStream in, int depth) throws IOException {
        byte[] header = new byte[TAR_BLOCK];
        while (in.readNBytes(header, 0, TAR_BLOCK) == TAR_BLOCK && header[0] != 0) {
            counted();
            long length = octal(header);
            InputStream part = new BufferedInputStream(new Part(in, length), BUFFER);
            entry(part, depth);
            in.skipNBytes((TAR_BLOCK - length % TAR_BLOCK) % TAR_BLOCK);
        }
    }

    private static long octal(byte[] header) {
        long value = 0;
        for (int i = TAR_SIZE_AT; i < TAR_SIZE_AT + TAR_SIZE_LENGTH; i++) {
            int c = header[i] & 0xff;
            if (c == ' ' || c == 0) {
                continue;
            }
            if (c < '0' || c > '7') {
                throw broken();
            }
            value = value * 8 + c - '0';
        }
        return value;
    }

    private void counted() {
        if (++entries > bounds.maxEntries()) {
            throw Fault.of(
                    FaultCode.TOO_LARGE,
                    "The upload is refused: its archives hold more than " + bounds.maxEntries() + " entries.");
        }
    }

    private void unpacked(long bytes) {
        unpacked += bytes;
        if (unpacked > bounds.maxUnpacked().bytes()) {
            throw Fault.of(
                    FaultCode.TOO_LARGE,
                    "The upload is refused: it unpacks to more than "
                            + bounds.maxUnpacked().bytes() + " bytes.");
        }
        if (unpacked > HARMLESS && unpacked / Math.max(1, size) >= bounds.maxRatio()) {
            throw Fault.of(
                    FaultCode.TOO_LARGE,
                    "The upload is refused: it unpacks to more than " + bounds.maxRatio() + " times its size.");
        }
    }

    private static Fault broken() {
        return Fault.detailed(
                FaultCode.INVALID_REQUEST,
                HARMFUL,
                "The upload is refused: its archive is broken and cannot be checked.",
                null,
                null);
    }

    /** Reads to the end. */
    private static void search(InputStream in) throws IOException {
        byte[] buffer = new byte[BUFFER + SIGNATURE.length];
        int kept = 0;
        while (true) {
            int read = in.read(buffer, kept, BUFFER);
            if (read < 0) {
                return;
            }
            int length = kept + read;
            if (contains(buffer, length)) {
                throw Fault.detailed(
                        FaultCode.INVALID_REQUEST,
                        HARMFUL,
                        "The upload is refused: it holds a known harmful signature.",
                        null,
                        null);
            }
            kept = Math.min(length, SIGNATURE.length - 1);
            System.arraycopy(buffer, length - kept, buffer, 0, kept);
        }
    }

    private static boolean contains(byte[] buffer, int length) {
        for (int i = 0; i <= length - SIGNATURE.length; i++) {
            if (buffer[i] == SIGNATURE[0] && matches(buffer, i)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(byte[] buffer, int at) {
        for (int i = 1; i < SIGNATURE.length; i++) {
            if (buffer[at + i] != SIGNATURE[i]) {
                return false;
            }
        }
        return true;
    }

    /** Counts what comes out of an archive. */
    private final class Counting extends InputStream {
        private final InputStream from;

        Counting(InputStream from) {
            this.from = from;
        }

        @Override
        public int read() throws IOException {
            int b = from.read();
            if (b >= 0) {
                unpacked(1);
            }
            return b;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int n = from.read(buffer, offset, length);
            if (n > 0) {
                unpacked(n);
            }
            return n;
        }
    }

    /** The next bytes of a stream that goes on after them. */
    private static final class Part extends InputStream {
        private final InputStream from;
        private long left;

        Part(InputStream from, long length) {
            this.from = from;
            this.left = length;
        }

        @Override
        public int read() throws IOException {
            if (left == 0) {
                return -1;
            }
            int b = from.read();
            if (b < 0) {
                throw new EOFException();
            }
            left--;
            return b;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int n = from.read(buffer, offset, (int) Math.min(left, length));
            if (n < 0) {
                throw new EOFException();
            }
            left -= n;
            return n;
        }
    }
}
