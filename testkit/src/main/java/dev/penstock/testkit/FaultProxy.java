package dev.penstock.testkit;

import io.netty.channel.ChannelOption;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy on loopback that breaks connections on demand, in front of anything that speaks TCP. What is
 * set takes effect for existing connections, too. All methods may be called from any thread; a returned
 * future completes when the change is in force.
 */
public final class FaultProxy {
    private final Vertx vertx;
    private final Loop loop;
    private final String deployment;

    private FaultProxy(Vertx vertx, Loop loop, String deployment) {
        this.vertx = vertx;
        this.loop = loop;
        this.deployment = deployment;
    }

    /** Starts a proxy in front of the address; it passes everything until told otherwise. */
    public static Future<FaultProxy> start(Vertx vertx, String host, int port) {
        Loop loop = new Loop(host, port);
        return vertx.deployVerticle(loop).map(id -> new FaultProxy(vertx, loop, id));
    }

    /** The port to connect to instead of the real one; it never changes. */
    public int port() {
        return loop.port;
    }

    /** Changes what happens to connections. */
    public Future<Void> set(Fault fault) {
        return loop.run(() -> loop.set(fault));
    }

    /**
     * Every connection, now open or later, is cut after so many more bytes have passed from the server to the
     * client; exactly so many arrive.
     */
    public Future<Void> cutAfterBytes(long bytes) {
        return loop.run(() -> loop.arm(bytes));
    }

    /** Connections pass any number of bytes again. */
    public Future<Void> noCut() {
        return loop.run(() -> loop.arm(Pump.UNLIMITED));
    }

    /** Connections accepted so far. */
    public long accepted() {
        return loop.accepted.get();
    }

    /** Connections open now. */
    public long open() {
        return loop.open.get();
    }

    /** Bytes passed from clients to the server. */
    public long bytesUp() {
        return loop.bytesUp.get();
    }

    /** Bytes passed from the server to clients. */
    public long bytesDown() {
        return loop.bytesDown.get();
    }

    /** Stops listening and closes all connections. */
    public Future<Void> close() {
        return vertx.undeploy(deployment);
    }

    /** All state lives on one event loop. */
    private static final class Loop extends VerticleBase {
        private final String targetHost;
        private final int targetPort;
        private final AtomicLong accepted = new AtomicLong();
        private final AtomicLong open = new AtomicLong();
        private final AtomicLong bytesUp = new AtomicLong();
        private final AtomicLong bytesDown = new AtomicLong();
        private final Set<Link> links = new LinkedHashSet<>();
        private volatile int port;
        private Fault fault = Fault.PASS;
        private long armed = Pump.UNLIMITED;
        private @Nullable NetServer server;
        private @Nullable NetClient client;

        Loop(String targetHost, int targetPort) {
            this.targetHost = targetHost;
            this.targetPort = targetPort;
        }

        @Override
        public Future<?> start() {
            client = vertx.createNetClient();
            return listen();
        }

        Vertx vertx() {
            return vertx;
        }

        Future<Void> run(Supplier<Future<Void>> change) {
            Promise<Void> done = Promise.promise();
            Context mine = context;
            mine.runOnContext(_ -> change.get().onComplete(done));
            return done.future();
        }

        private Future<Void> listen() {
            NetServerOptions options =
                    new NetServerOptions().setHost("127.0.0.1").setPort(port).setTcpNoDelay(true);
            NetServer next = vertx.createNetServer(options).connectHandler(this::accept);
            server = next;
            return next.listen().onSuccess(bound -> port = bound.actualPort()).mapEmpty();
        }

        private Future<Void> set(Fault next) {
            fault = next;
            NetServer listening = server;
            if (next instanceof Fault.Cut || next instanceof Fault.Reset) {
                List.copyOf(links).forEach(link -> link.close(next instanceof Fault.Reset));
            } else {
                List.copyOf(links).forEach(link -> link.behave(next));
            }
            if (next instanceof Fault.Cut && listening != null) {
                server = null;
                return listening.close();
            }
            return !(next instanceof Fault.Cut) && listening == null ? listen() : Future.succeededFuture();
        }

        private Future<Void> arm(long bytes) {
            armed = bytes;
            links.forEach(link -> link.down.cutAfter(bytes));
            return Future.succeededFuture();
        }

        private void accept(NetSocket socket) {
            accepted.incrementAndGet();
            NetClient upstream = client;
            if (fault instanceof Fault.Cut || fault instanceof Fault.Reset || upstream == null) {
                shut(socket, fault instanceof Fault.Reset);
                return;
            }
            socket.pause();
            upstream.connect(targetPort, targetHost)
                    .onSuccess(target -> link(socket, target))
                    .onFailure(_ -> shut(socket, false));
        }

        private void link(NetSocket socket, NetSocket target) {
            Link link = new Link(this, socket, target);
            if (fault instanceof Fault.Cut || fault instanceof Fault.Reset) {
                link.close(fault instanceof Fault.Reset);
                return;
            }
            links.add(link);
            open.incrementAndGet();
            link.down.cutAfter(armed);
            link.behave(fault);
            link.up.start();
            link.down.start();
        }
    }

    /** One client connection and its counterpart. */
    private static final class Link {
        private final Loop loop;
        private final NetSocket client;
        private final NetSocket target;
        private final Pump up;
        private final Pump down;

        Link(Loop loop, NetSocket client, NetSocket target) {
            this.loop = loop;
            this.client = client;
            this.target = target;
            Runnable finished = () -> close(false);
            this.up = new Pump(loop.vertx(), client, target, loop.bytesUp, finished);
            this.down = new Pump(loop.vertx(), target, client, loop.bytesDown, finished);
        }

        void behave(Fault fault) {
            up.behave(fault);
            down.behave(fault);
        }

        void close(boolean reset) {
            if (loop.links.remove(this)) {
                loop.open.decrementAndGet();
            }
            shut(client, reset);
            shut(target, false);
        }
    }

    private static void shut(NetSocket socket, boolean reset) {
        if (reset && socket instanceof NetSocketInternal internal) {
            // With a linger time of 0 the kernel sends RST where it would send FIN.
            internal.channelHandlerContext().channel().config().setOption(ChannelOption.SO_LINGER, 0);
        }
        socket.close();
    }
}
