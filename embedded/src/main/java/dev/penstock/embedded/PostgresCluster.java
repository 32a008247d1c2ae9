package dev.penstock.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The files of a PostgreSQL cluster: made once, checked at each start. It is initialised under another name
 * and renamed when whole, so that a start killed half way is simply begun again.
 */
final class PostgresCluster {
    static final String USER = "penstock";
    static final String DATABASE = "penstock";

    private static final String HALF = "postgres.new";

    private final Path dataFolder;
    private final Path folder;
    private final Path binaries;
    private final boolean durable;

    PostgresCluster(Path dataFolder, Path binaries, boolean durable) {
        this.dataFolder = dataFolder;
        this.folder = dataFolder.resolve("postgres");
        this.binaries = binaries;
        this.durable = durable;
    }

    Path folder() {
        return folder;
    }

    /** Command prefix for PostgreSQL's programs; as root it hides that it is root, which they refuse. */
    List<String> command(String program, String... arguments) {
        List<String> command = new ArrayList<>();
        if (Tools.isRoot()) {
            Path unshare = Tools.onPath("unshare").orElseThrow(() -> new EmbeddedException(rootSentence()));
            command.addAll(List.of(unshare.toString(), "-U"));
        }
        command.add(binaries.resolve("bin").resolve(program).toString());
        command.addAll(List.of(arguments));
        return command;
    }

    /** Makes the cluster if there is none, checks it if there is one; returns the password of its only role. */
    String prepare(long deadlineNanos) throws IOException {
        boolean fresh = Folders.isEmptyOrAbsent(folder);
        if (!fresh) {
            check();
            clearStalePidFile();
        }
        Path file = dataFolder.resolve("postgres.password");
        boolean known = Files.exists(file) && Files.size(file) > 0;
        String password = known ? Files.readString(file).strip() : newPassword();
        if (!known) {
            Folders.writePrivate(file, password);
        }
        if (fresh) {
            initialise(file, deadlineNanos);
        } else if (!known) {
            singleUser(folder, "ALTER ROLE " + USER + " PASSWORD '" + password + "'\n", deadlineNanos);
        }
        return password;
    }

    private void initialise(Path passwordFile, long deadlineNanos) throws IOException {
        removeHalfMade();
        Path half = dataFolder.resolve(HALF + "-" + ProcessHandle.current().pid());
        Folders.createPrivate(half);
        List<String> command = command(
                "initdb",
                "-D",
                half.toString(),
                "-U",
                USER,
                "--pwfile=" + passwordFile,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--no-instructions");
        if (!durable) {
            command.add("--no-sync");
        }
        run(command, "", "initialise PostgreSQL", deadlineNanos);
        singleUser(half, "CREATE DATABASE " + DATABASE + "\n", deadlineNanos);
        Files.deleteIfExists(folder); // an empty one, say a fresh mount, is as good as none
        Files.move(half, folder, StandardCopyOption.ATOMIC_MOVE);
    }

    private void removeHalfMade() throws IOException {
        try (Stream<Path> entries = Files.list(dataFolder)) {
            List<Path> halves = entries.filter(
                            path -> path.getFileName().toString().startsWith(HALF))
                    .toList();
            for (Path half : halves) {
                Folders.deleteTree(half);
            }
        }
    }

    /** There is no client among the binaries; the server itself takes statements when nobody else runs it. */
    private void singleUser(Path cluster, String statements, long deadlineNanos) throws IOException {
        List<String> command = command("postgres", "--single", "-D", cluster.toString(), "-F", "postgres");
        run(command, statements, "set up PostgreSQL", deadlineNanos);
    }

    private void run(List<String> command, String input, String purpose, long deadlineNanos) throws IOException {
        Path log = dataFolder.resolve("postgres-setup.log");
        Path stdin = dataFolder.resolve("postgres-setup.in");
        Folders.writePrivate(stdin, input);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(dataFolder.toFile())
                .redirectErrorStream(true)
                .redirectInput(stdin.toFile())
                .redirectOutput(log.toFile());
        Tools.cleanEnvironment(builder.environment());
        Process process = builder.start();
        try {
            long left = deadlineNanos - System.nanoTime();
            if (!process.waitFor(left, TimeUnit.NANOSECONDS)) {
                throw new EmbeddedException("Could not " + purpose + " in " + dataFolder
                        + " in time; check that the disk is not full or overloaded and try again.");
            }
            String output = Files.readString(log, StandardCharsets.UTF_8);
            if (process.exitValue() != 0 || output.contains("ERROR:")) {
                throw new EmbeddedException(failure(purpose, output));
            }
            Files.deleteIfExists(log);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new EmbeddedException("Start was interrupted; start again.");
        } finally {
            process.destroyForcibly();
            Files.deleteIfExists(stdin);
        }
    }

    private String failure(String purpose, String output) {
        if (output.contains("unshare failed") || output.contains("unshare:") || output.contains("run as root")) {
            return rootSentence();
        }
        String line = output.lines()
                .filter(text -> text.contains("rror:") || text.contains("FATAL") || text.contains("ERROR"))
                .findFirst()
                .orElse(output.strip().lines().reduce((_, last) -> last).orElse("no output"));
        return "Could not " + purpose + " in " + dataFolder + " (" + line.strip()
                + "); fix that, or give the address of a PostgreSQL of your own as postgres.url.";
    }

    static String rootSentence() {
        return "PostgreSQL does not run as root and this system lets it run no other way (no user namespaces); start"
                + " Penstock as an ordinary user, or give the address of a PostgreSQL of your own as postgres.url.";
    }

    private void check() throws IOException {
        Path versionFile = folder.resolve("PG_VERSION");
        if (!Files.isRegularFile(versionFile)) {
            throw new EmbeddedException("The folder " + folder
                    + " is not empty but holds no PostgreSQL data; move its content away and start again.");
        }
        String found = new String(Files.readAllBytes(versionFile), StandardCharsets.ISO_8859_1).strip();
        String wanted = majorOfBinaries();
        if (!found.chars().allMatch(Character::isDigit) || found.isEmpty()) {
            throw new EmbeddedException("The PostgreSQL data in " + folder
                    + " is damaged (unreadable PG_VERSION); restore it from a backup, or move it away to start empty.");
        }
        if (!found.equals(wanted)) {
            throw new EmbeddedException(
                    "The PostgreSQL data in " + folder + " is of version " + found + " but this Penstock brings "
                            + wanted + "; convert it with pg_upgrade, or move it away to start empty.");
        }
        if (!Files.isRegularFile(folder.resolve("global/pg_control"))) {
            throw new EmbeddedException("The PostgreSQL data in " + folder
                    + " is damaged (global/pg_control is missing); restore it from a backup, or move it away to start"
                    + " empty.");
        }
    }

    private String majorOfBinaries() throws IOException {
        try (Stream<String> lines = Files.lines(binaries.resolve("share/postgresql/postgres.bki"))) {
            return lines.findFirst().orElse("").replaceAll("\\D+", "");
        }
    }

    /**
     * A pid file whose number now belongs to some other program would keep PostgreSQL from starting. Leftovers
     * of ours are gone by now, so a live postgres there is one that somebody started by hand.
     */
    private void clearStalePidFile() throws IOException {
        Path file = folder.resolve("postmaster.pid");
        if (!Files.exists(file)) {
            return;
        }
        long pid = pidIn(Files.readString(file, StandardCharsets.ISO_8859_1));
        boolean foreign = ProcessHandle.of(pid)
                .filter(process -> Leftovers.program(process).equals("postgres"))
                .flatMap(process -> process.info().arguments())
                .filter(arguments -> List.of(arguments).contains(folder.toString()))
                .isPresent();
        if (foreign) {
            throw new EmbeddedException(
                    "Another PostgreSQL (process " + pid + ") is running on " + folder + "; stop it and start again.");
        }
        Files.delete(file);
    }

    static long pidIn(String pidFile) {
        String first = pidFile.lines().findFirst().orElse("").strip();
        return first.matches("\\d{1,18}") ? Long.parseLong(first) : -1;
    }

    static String newPassword() {
        byte[] bytes = new byte[24];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Appends nothing, but proves that the folder takes writes before a server is asked to. */
    void requireWritable() throws IOException {
        Path probe = folder.resolve("PG_VERSION");
        if (Files.exists(probe)) {
            Files.newByteChannel(probe, StandardOpenOption.WRITE).close();
        }
    }
}
