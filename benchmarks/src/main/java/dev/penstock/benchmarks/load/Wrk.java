package dev.penstock.benchmarks.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The well-known load generator, to check ours against. Sends the same bytes each time, so no numbers in bodies. */
public final class Wrk {
    private static final Pattern RATE = Pattern.compile("Requests/sec:\\s*([0-9.]+)");
    private static final int MARGIN_SECONDS = 20;

    private Wrk() {}

    /** Requests per second by wrk, on the cores that this process may use. */
    public static double run(Shot shot, int connections, int seconds, Path folder) throws IOException {
        Path script = folder.resolve("wrk.lua");
        StringBuilder lua = new StringBuilder("wrk.method = \"POST\"\nwrk.body = [[" + shot.body() + "]]\n");
        lua.append("wrk.headers[\"Content-Type\"] = \"application/json\"\n");
        shot.headers().forEach((name, value) -> lua.append("wrk.headers[\"%s\"] = \"%s\"%n".formatted(name, value)));
        Files.writeString(script, lua);
        Process wrk = new ProcessBuilder(List.of(
                        "wrk",
                        "-t1",
                        "-c" + connections,
                        "-d" + seconds + "s",
                        "-s",
                        script.toString(),
                        "http://127.0.0.1:" + shot.port() + shot.path()))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("wrk.log").toFile())
                .start();
        try {
            if (!wrk.waitFor(seconds + MARGIN_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("wrk does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            wrk.destroyForcibly();
        }
        String output = Files.readString(folder.resolve("wrk.log"), StandardCharsets.UTF_8);
        Matcher rate = RATE.matcher(output);
        if (!rate.find() || output.contains("Non-2xx")) {
            throw new IOException("wrk failed: " + output);
        }
        return Double.parseDouble(rate.group(1));
    }
}
