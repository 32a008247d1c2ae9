package dev.penstock.common.bus;

import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxBootstrap;
import io.vertx.core.spi.VertxServiceProvider;
import io.vertx.core.spi.context.storage.AccessMode;
import io.vertx.core.spi.context.storage.ContextLocal;
import org.jspecify.annotations.Nullable;

/**
 * The {@link CallContext} of the request that the current Vert.x context works on: for log lines alone. Code that needs
 * the context takes it as an argument.
 *
 * <p>Vert.x gives each HTTP request and each bus message a context of its own, so the value needs no clearing.
 */
public final class CallScope implements VertxServiceProvider {
    /** Registered when this class is loaded, which the service loader does before the first Vert.x is made. */
    private static final ContextLocal<CallContext> LOCAL = ContextLocal.registerLocal(CallContext.class);

    @Override
    public void init(VertxBootstrap bootstrap) {
        // Loading the class was the point.
    }

    /** Remembers {@code call} on the current context; does nothing on a thread without one. */
    public static void enter(CallContext call) {
        ContextInternal context = ContextInternal.current();
        if (context != null) {
            context.putLocal(LOCAL, AccessMode.CONCURRENT, call);
        }
    }

    /** What {@link #enter} remembered here, or null. */
    public static @Nullable CallContext current() {
        ContextInternal context = ContextInternal.current();
        return context == null ? null : context.getLocal(LOCAL, AccessMode.CONCURRENT);
    }
}
