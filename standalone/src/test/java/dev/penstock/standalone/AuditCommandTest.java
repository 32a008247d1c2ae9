package dev.penstock.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@code penstock audit verify} makes of what a gateway answers. */
class AuditCommandTest {
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private volatile String end = "";
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String query = exchange.getRequestURI().getQuery();
            asked.add(query);
            String answer = query.equals("after=0")
                    ? "{\"status\":\"partial\",\"checked\":10,\"last\":10,\"head\":\"00\"}"
                    : end;
            byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void aLongTrailIsCheckedPartByPartToItsEnd() {
        end = "{\"status\":\"intact\",\"checked\":5,\"last\":15,\"head\":\"00\"}";
        assertThat(verify()).isZero();
        assertThat(asked).containsExactly("after=0", "after=10");
    }

    @Test
    void aBrokenRowEndsWithOne() {
        end = "{\"status\":\"broken\",\"checked\":3,\"last\":13,\"broken\":{\"seq\":13,\"reason\":\"hash\"}}";
        assertThat(verify()).isEqualTo(1);
    }

    @Test
    void anAnswerThatDoesNotGetOnEndsTheLoop() {
        end = "{\"status\":\"partial\",\"checked\":0,\"last\":10,\"head\":\"00\"}";
        assertThat(verify()).isEqualTo(1);
    }

    private int verify() {
        String url = "http://127.0.0.1:" + server.getAddress().getPort();
        return Main.run(Map.of("PENSTOCK_ADMIN_KEY", "psk-test"), "audit", "--url", url, "verify");
    }
}
