package dev.penstock.standalone;

import dev.penstock.common.config.ConfigError;
import dev.penstock.common.config.ConfigResult;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code penstock check-config FILE}: everything that is wrong, at once. */
@Command(
        name = "check-config",
        description = "Check a configuration file, with the environment laid over it, and show every error.",
        mixinStandardHelpOptions = true)
final class CheckConfigCommand implements Callable<Integer> {
    private final Main main;

    @Parameters(paramLabel = "FILE", description = "The YAML file.")
    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    private Path file;

    CheckConfigCommand(Main main) {
        this.main = main;
    }

    @Override
    public Integer call() {
        return switch (main.settings().check(file)) {
            case ConfigResult.Loaded loaded -> {
                loaded.warnings().forEach(warning -> main.console().say("warning: " + warning));
                main.console()
                        .say(file + " is good (" + loaded.config().models().size() + " models, content "
                                + loaded.contentHash() + ").");
                yield 0;
            }
            case ConfigResult.Rejected rejected -> {
                for (ConfigError error : rejected.errors()) {
                    main.console().err().println(error);
                }
                main.console().err().flush();
                yield 1;
            }
        };
    }
}
