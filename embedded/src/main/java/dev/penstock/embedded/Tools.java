package dev.penstock.embedded;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What we ask of the operating system beyond starting a process. */
final class Tools {
    static final Path NULL_DEVICE = Path.of("/dev/null");

    private static final Logger LOG = LoggerFactory.getLogger(Tools.class);
    private static final List<String> NEW_SESSION = findNewSession();

    private Tools() {}

    /** Command prefix that gives the rest a session of its own without changing its process id; may be empty. */
    static List<String> newSession() {
        return NEW_SESSION;
    }

    private static List<String> findNewSession() {
        Optional<Path> setsid = onPath("setsid");
        if (setsid.isPresent()) {
            return List.of(setsid.get().toString());
        }
        // macOS has no setsid command, but a perl.
        return onPath("perl")
                .map(perl -> List.of(perl.toString(), "-MPOSIX", "-e", "POSIX::setsid(); exec @ARGV or die $!"))
                .orElse(List.of());
    }

    static Optional<Path> onPath(String tool) {
        String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
        for (String folder : path.split(File.pathSeparator, -1)) {
            Path candidate = Path.of(folder.isEmpty() ? "." : folder, tool);
            if (Files.isExecutable(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    /** Variables of the caller's shell must not change what the servers do. */
    static void cleanEnvironment(Map<String, String> environment) {
        environment.keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("LD_"));
        environment.put("LC_ALL", "C");
        environment.put("TZ", "UTC");
    }

    /** True for the super-user, as whom PostgreSQL refuses to run. */
    static boolean isRoot() {
        try {
            Object uid = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
            return uid instanceof Integer number && number == 0;
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException _) {
            return "root".equals(System.getProperty("user.name"));
        }
    }

    /** Sends a signal by name; the shell's own kill, since Java can send only TERM and KILL. */
    static void signal(long pid, String name) {
        try {
            Process kill = new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " " + pid)
                    .redirectErrorStream(true)
                    .redirectOutput(NULL_DEVICE.toFile())
                    .start();
            kill.waitFor(2, TimeUnit.SECONDS);
        } catch (IOException e) {
            LOG.debug("cannot signal process {}", pid, e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
