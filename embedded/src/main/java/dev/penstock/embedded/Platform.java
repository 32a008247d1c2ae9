package dev.penstock.embedded;

import java.util.List;
import java.util.Locale;

/**
 * Names of the binaries inside the Maven artifacts, by operating system and processor. The artifacts do not
 * agree on how to spell either, hence the lists of candidates.
 */
record Platform(String os, String arch) {

    static Platform current() {
        return of(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
    }

    static Platform of(String osName, String osArch) {
        String name = osName.toLowerCase(Locale.ROOT);
        String os = name.contains("linux") ? "linux" : name.contains("mac") ? "darwin" : name;
        String arch = switch (osArch.toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64", "x64" -> "amd64";
            case "aarch64", "arm64" -> "arm64";
            default -> osArch;
        };
        return new Platform(os, arch);
    }

    List<String> postgresArchives() {
        return switch (arch) {
            case "amd64" -> List.of("/postgres-" + os + "-x86_64.txz");
            case "arm64" ->
                List.of(
                        "/postgres-" + os + "-arm_64.txz",
                        "/postgres-" + os + "-arm64v8.txz",
                        "/postgres-" + os + "-aarch64.txz");
            default -> List.of("/postgres-" + os + "-" + arch + ".txz");
        };
    }

    List<String> redisExecutables() {
        return List.of("/redis-server-6.2.6-v5-" + os + "-" + arch, "/redis-server-6.2.7-" + os + "-" + arch);
    }

    @Override
    public String toString() {
        return os + "-" + arch;
    }
}
