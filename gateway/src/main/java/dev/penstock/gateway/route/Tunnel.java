package dev.penstock.gateway.route;

import dev.penstock.gateway.route.policy.FrameCursor;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.util.ArrayList;
import java.util.List;

/**
 * One WebSocket between a caller and an upstream: bytes pass as they come, so that subprotocols, extensions, pings and
 * close codes are theirs. Each side reads no faster than the other takes. Confined to its event loop but for
 * {@link #goAway} and {@link #onEnd}.
 */
final class Tunnel {
    /** FIN and close, two bytes, 1001. */
    private static final Buffer CLOSE = Buffer.buffer(new byte[] {(byte) 0x88, 2, 3, (byte) 0xe9});
    /** The same as a client must send it: masked, here with zeros. */
    private static final Buffer MASKED_CLOSE =
            Buffer.buffer(new byte[] {(byte) 0x88, (byte) 0x82, 0, 0, 0, 0, 3, (byte) 0xe9});

    private final Context context;
    private final NetSocket caller;
    private final NetSocket upstream;
    private final Watch watch;
    private final long idleNanos;
    private final FrameCursor toCaller = new FrameCursor();
    private final FrameCursor toUpstream = new FrameCursor();
    private final List<Runnable> ends = new ArrayList<>(2);
    private boolean leaving;
    private boolean callerTold;
    private boolean upstreamTold;
    private boolean over;

    Tunnel(Context context, NetSocket caller, NetSocket upstream, Watch watch, long idleNanos) {
        this.context = context;
        this.caller = caller;
        this.upstream = upstream;
        this.watch = watch;
        this.idleNanos = idleNanos;
    }

    void begin() {
        pipe(caller, upstream, toUpstream);
        pipe(upstream, caller, toCaller);
        watch.allow(idleNanos);
        caller.resume();
        upstream.resume();
    }

    private void pipe(NetSocket from, NetSocket to, FrameCursor cursor) {
        from.handler(chunk -> {
            watch.moved();
            if (told(to)) {
                return; // after our close frame nothing more may be said
            }
            cursor.pass(chunk.getBytes());
            to.write(chunk);
            if (to.writeQueueFull()) {
                from.pause();
                to.drainHandler(drained -> from.resume());
            }
            if (leaving) {
                tell();
            }
        });
        from.exceptionHandler(broken -> end());
        from.closeHandler(closed -> end());
    }

    private boolean told(NetSocket side) {
        return side.equals(caller) ? callerTold : upstreamTold;
    }

    /** Sends 1001 both ways as soon as no frame is half sent. From any thread. */
    void goAway() {
        context.runOnContext(now -> {
            leaving = true;
            tell();
        });
    }

    private void tell() {
        if (over) {
            return;
        }
        if (!callerTold && toCaller.between()) {
            callerTold = true;
            caller.write(CLOSE);
        }
        if (!upstreamTold && toUpstream.between()) {
            upstreamTold = true;
            upstream.write(MASKED_CLOSE);
        }
    }

    /** Told once both sides are closed; at once if they are. From any thread. */
    void onEnd(Runnable then) {
        context.runOnContext(now -> {
            if (over) {
                then.run();
            } else {
                ends.add(then);
            }
        });
    }

    /** One side is gone, or nothing moves: so goes the other, with what is written already. */
    void end() {
        if (over) {
            return;
        }
        over = true;
        watch.stop();
        caller.end();
        upstream.end();
        List<Runnable> once = List.copyOf(ends);
        ends.clear();
        once.forEach(Runnable::run);
    }
}
