package dev.penstock.common.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.joran.spi.ConsoleTarget;
import dev.penstock.common.config.TelemetryConfig;
import java.io.BufferedOutputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The log of this process, set up in code. Call {@link #configure} before the first Vert.x or Hazelcast is made: it also
 * leads their logs here.
 */
public final class LogSetup implements AutoCloseable {
    private static final String OURS = "dev.penstock";
    private static final List<String> LEVELS = List.of("trace", "debug", "info", "warn", "error", "off");
    /**
     * What warns at every healthy start: several clients of one kind share the gauges of Vert.x, and Hazelcast would like
     * a subsystem that nobody uses.
     */
    private static final List<String> NOISE =
            List.of("io.micrometer.core.instrument.MeterRegistry", "com.hazelcast.cp.CPSubsystem");

    private static final String ROOT = org.slf4j.Logger.ROOT_LOGGER_NAME;

    /** How lines look. */
    public enum Format {
        JSON,
        TEXT,
        COLOURED_TEXT
    }

    private final QueueAppender appender;

    private LogSetup(QueueAppender appender) {
        this.appender = appender;
    }

    /** As the configuration says, to standard output. */
    public static LogSetup configure(TelemetryConfig config, String service, String member) {
        Format format = config.logFormat().equals("text") ? Format.TEXT : Format.JSON;
        return configure(config, format, service, member);
    }

    /** In a format that the caller has chosen, such as for a terminal; to standard output. */
    public static LogSetup configure(TelemetryConfig config, Format format, String service, String member) {
        return configure(config.logLevel(), encoder(format, service, member), standardOutput());
    }

    static LogSetup configure(String level, Encoder<ILoggingEvent> encoder, OutputStream out) {
        System.setProperty("vertx.logger-delegate-factory-class-name", "io.vertx.core.logging.SLF4JLogDelegateFactory");
        System.setProperty("hazelcast.logging.type", "slf4j");
        LoggerContext context = context();
        context.reset();
        QueueAppender appender = attach(context, encoder, out);
        levels(level);
        return new LogSetup(appender);
    }

    /** Our own level, as {@code telemetry.log-level}; libraries stay quieter. */
    public static void levels(String level) {
        LoggerContext context = context();
        Level ours = Level.toLevel(level.toUpperCase(Locale.ROOT), Level.INFO);
        context.getLogger(ROOT).setLevel(ours.isGreaterOrEqual(Level.WARN) ? ours : Level.WARN);
        context.getLogger(OURS).setLevel(ours);
        // Who came and who went; the rest of Hazelcast's talk is for its makers.
        context.getLogger("com.hazelcast.internal.cluster.ClusterService")
                .setLevel(ours.isGreaterOrEqual(Level.WARN) ? ours : Level.INFO);
        NOISE.forEach(name -> context.getLogger(name).setLevel(Level.ERROR));
    }

    static QueueAppender attach(LoggerContext context, Encoder<ILoggingEvent> encoder, OutputStream out) {
        encoder.setContext(context);
        encoder.start();
        QueueAppender appender = new QueueAppender(encoder, out);
        appender.setContext(context);
        appender.setName("penstock");
        appender.start();
        context.getLogger(ROOT).addAppender(appender);
        return appender;
    }

    /** Lines that found no room in the queue or could not be written. */
    public long dropped() {
        return appender.dropped();
    }

    /** Writes what is queued, for a second at most, and takes no more. */
    @Override
    public void close() {
        appender.stop();
    }

    /**
     * Changes a level while the process runs.
     *
     * @param logger the name of a logger or package that has logged or been asked to; {@code ROOT} for all others
     * @param level trace, debug, info, warn, error or off
     * @throws IllegalArgumentException with a sentence, if either is not known
     */
    public static void level(String logger, String level) {
        if (!LEVELS.contains(level.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("'" + level + "' is no level: use one of " + String.join(", ", LEVELS));
        }
        known(logger).setLevel(Level.toLevel(level.toUpperCase(Locale.ROOT)));
    }

    /**
     * The level that holds for a logger.
     *
     * @throws IllegalArgumentException if there is no such logger
     */
    public static String level(String logger) {
        return known(logger).getEffectiveLevel().toString().toLowerCase(Locale.ROOT);
    }

    /** Only loggers that exist, so that requests cannot make more and more of them. */
    private static Logger known(String name) {
        @Nullable Logger logger = context().exists(name);
        if (logger == null) {
            throw new IllegalArgumentException("there is no logger '" + name + "': try " + OURS + " or " + ROOT);
        }
        return logger;
    }

    static Encoder<ILoggingEvent> encoder(Format format, String service, String member) {
        return switch (format) {
            case JSON -> new JsonEncoder(service, member);
            case TEXT -> new TextEncoder(false);
            case COLOURED_TEXT -> new TextEncoder(true);
        };
    }

    /** Through System.out, which whoever started the process may have led elsewhere. */
    static OutputStream standardOutput() {
        return new BufferedOutputStream(ConsoleTarget.SystemOut.getStream());
    }

    private static LoggerContext context() {
        return (LoggerContext) LoggerFactory.getILoggerFactory();
    }
}
