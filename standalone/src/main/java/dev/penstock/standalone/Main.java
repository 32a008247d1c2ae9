package dev.penstock.standalone;

import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line. */
@Command(
        name = "penstock",
        description = "Gateway for AI models and HTTP services.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionCommand.class,
        subcommands = {
            UpCommand.class,
            RunCommand.class,
            CheckConfigCommand.class,
            KeysCommand.class,
            UsersCommand.class,
            AuditCommand.class,
            TrainCommand.class,
            VersionCommand.class
        })
public final class Main implements Callable<Integer> {
    /** As shells and picocli have it. */
    static final int USAGE = 2;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before any command runs
    private CommandSpec spec;

    private final Settings settings;
    private final Console console;

    Main(Settings settings, Console console) {
        this.settings = settings;
        this.console = console;
    }

    public static void main(String[] arguments) {
        System.exit(run(System.getenv(), arguments));
    }

    /** Runs a command in the given environment and returns the exit code. */
    static int run(Map<String, String> environment, String... arguments) {
        Console console = new Console(
                new PrintWriter(System.out, true, System.out.charset()),
                new PrintWriter(System.err, true, System.err.charset()));
        Main main = new Main(new Settings(environment), console);
        return new CommandLine(main, new Commands(main))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((cause, line, result) -> {
                    console.fail(cause);
                    return 1;
                })
                .execute(arguments);
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "Say what to do, for example: ./penstock up");
    }

    Settings settings() {
        return settings;
    }

    Console console() {
        return console;
    }

    /** Gives each command what it needs, where picocli would call an empty constructor. */
    private record Commands(Main main) implements CommandLine.IFactory {
        @Override
        public <K> K create(Class<K> type) throws Exception {
            Object made;
            if (type == UpCommand.class) {
                made = new UpCommand(main);
            } else if (type == RunCommand.class) {
                made = new RunCommand(main);
            } else if (type == CheckConfigCommand.class) {
                made = new CheckConfigCommand(main);
            } else if (type == TrainCommand.class) {
                made = new TrainCommand(main);
            } else if (type == KeysCommand.class) {
                made = new KeysCommand(main);
            } else if (type == AuditCommand.class) {
                made = new AuditCommand(main);
            } else if (type == UsersCommand.class) {
                made = new UsersCommand(main);
            } else {
                return CommandLine.defaultFactory().create(type);
            }
            return type.cast(made);
        }
    }
}
