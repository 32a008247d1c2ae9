package dev.penstock.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultProxyTest {
    private final Vertx vertx = Vertx.vertx();
    private final AtomicLong arrived = new AtomicLong();
    private FaultProxy proxy;

    @BeforeEach
    void startEchoBehindProxy() {
        NetServer echo = vertx.createNetServer()
                .connectHandler(socket -> socket.handler(data -> {
                    arrived.addAndGet(data.length());
                    socket.write(data);
                }));
        int port = Await.result(echo.listen(0, "127.0.0.1")).actualPort();
        proxy = Await.result(FaultProxy.start(vertx, "127.0.0.1", port));
    }

    @AfterEach
    void stop() {
        Await.result(vertx.close());
    }

    @Test
    void passesAndCounts() throws Exception {
        try (Socket socket = connect()) {
            assertThat(echo(socket, "hello")).isEqualTo("hello");
            assertThat(proxy.accepted()).isEqualTo(1);
            assertThat(proxy.open()).isEqualTo(1);
            assertThat(proxy.bytesUp()).isEqualTo(5);
            assertThat(proxy.bytesDown()).isEqualTo(5);
        }
        Await.until("the closed connection is forgotten", () -> proxy.open() == 0);
    }

    @Test
    void cutClosesOldConnectionsAndRefusesNewOnesUntilItHeals() throws Exception {
        try (Socket socket = connect()) {
            echo(socket, "hello");
            Await.result(proxy.set(Fault.CUT));
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
            assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
        }
        Await.result(proxy.set(Fault.PASS));
        try (Socket socket = connect()) {
            assertThat(echo(socket, "again")).isEqualTo("again");
        }
    }

    @Test
    void stallHoldsBytesBackAndLetsThemGoLater() throws Exception {
        try (Socket socket = connect()) {
            echo(socket, "hello");
            Await.result(proxy.set(Fault.STALL));
            socket.getOutputStream().write("later".getBytes(US_ASCII));
            socket.setSoTimeout(100);
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
            assertThat(arrived.get()).isEqualTo(5);
            try (Socket second = connect()) {
                second.setSoTimeout(100);
                second.getOutputStream().write("new".getBytes(US_ASCII));
                assertThatThrownBy(() -> second.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
                Await.result(proxy.set(Fault.PASS));
                socket.setSoTimeout(5000);
                second.setSoTimeout(5000);
                assertThat(new String(socket.getInputStream().readNBytes(5), US_ASCII))
                        .isEqualTo("later");
                assertThat(new String(second.getInputStream().readNBytes(3), US_ASCII))
                        .isEqualTo("new");
            }
        }
    }

    @Test
    void resetIsSeenAsAReset() throws Exception {
        try (Socket socket = connect()) {
            echo(socket, "hello");
            Await.result(proxy.set(Fault.RESET));
            assertThatThrownBy(() -> socket.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
    }

    @Test
    void slowDelaysEveryPiece() throws Exception {
        Await.result(proxy.set(Fault.slow(Duration.ofMillis(50))));
        try (Socket socket = connect()) {
            long before = System.nanoTime();
            echo(socket, "hello");
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThan(Duration.ofMillis(99));
        }
    }

    @Test
    void bandwidthIsBoundedAndSoIsWhatIsHeld() throws Exception {
        Await.result(proxy.set(Fault.bandwidth(1_000_000)));
        try (Socket socket = connect()) {
            Thread reader = Thread.ofVirtual().start(() -> drain(socket));
            long before = System.nanoTime();
            socket.getOutputStream().write(new byte[300_000]);
            Await.until("all bytes are through", () -> arrived.get() == 300_000);
            assertThat(Duration.ofNanos(System.nanoTime() - before))
                    .isBetween(Duration.ofMillis(250), Duration.ofSeconds(3));
            socket.shutdownInput();
            reader.join();
        }
    }

    @Test
    void largeTransfersArriveWhole() throws Exception {
        byte[] data = new byte[20_000_000];
        new java.util.Random(1).nextBytes(data);
        try (Socket socket = connect()) {
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    socket.getOutputStream().write(data);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            assertThat(socket.getInputStream().readNBytes(data.length)).isEqualTo(data);
            writer.join();
        }
    }

    @Test
    void cutAfterBytesLetsExactlySoManyArrive() throws Exception {
        Await.result(proxy.cutAfterBytes(1000));
        try (Socket socket = connect()) {
            socket.getOutputStream().write(new byte[5000]);
            assertThat(readToEnd(socket)).isEqualTo(1000);
        }
        Await.result(proxy.noCut());
        try (Socket socket = connect()) {
            assertThat(echo(socket, Buffer.buffer(new byte[5000]).toString())).hasSize(5000);
        }
    }

    /** Bytes until the connection ends, in whatever way it ends. */
    private static long readToEnd(Socket socket) throws IOException {
        long bytes = 0;
        InputStream in = socket.getInputStream();
        try {
            while (in.read() >= 0) {
                bytes++;
            }
        } catch (SocketException _) {
            return bytes;
        }
        return bytes;
    }

    private static void drain(Socket socket) {
        try {
            socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
        } catch (IOException _) {
            // closed by the test
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static String echo(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(US_ASCII));
        return new String(socket.getInputStream().readNBytes(text.length()), US_ASCII);
    }
}
