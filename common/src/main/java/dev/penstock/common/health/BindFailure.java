package dev.penstock.common.health;

import io.netty.channel.unix.Errors.NativeIoException;
import java.net.BindException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Why a port could not be listened on, whichever transport says it: the native one has an exception of its own. */
public final class BindFailure {
    /** EADDRINUSE of Linux and of macOS, negated as Netty does. */
    private static final Set<Integer> IN_USE = Set.of(-98, -48);

    private BindFailure() {}

    /** Whether {@code cause}, or what led to it, is a port or address that cannot be bound, for whatever reason. */
    public static boolean is(@Nullable Throwable cause) {
        return cause != null
                && (cause instanceof BindException
                        || (cause instanceof NativeIoException failure
                                && String.valueOf(failure.getMessage()).startsWith("bind("))
                        || is(cause.getCause()));
    }

    /** Whether somebody else listens there already, so that another port may do. */
    public static boolean taken(@Nullable Throwable cause) {
        return switch (cause) {
            case null -> false;
            case NativeIoException failure -> IN_USE.contains(failure.expectedErr());
            // The JDK gives no number, and its text may be in another language. An address of another machine is told
            // apart well enough by what it says in English; elsewhere some more ports are tried in vain.
            case BindException failure ->
                !String.valueOf(failure.getMessage()).contains("Cannot assign requested address");
            default -> taken(cause.getCause());
        };
    }

    /** The operating system's own words, for the user. */
    public static String reason(Throwable cause) {
        return String.valueOf(cause.getMessage()).replaceAll(".*: ", "");
    }
}
