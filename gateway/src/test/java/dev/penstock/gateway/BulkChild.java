package dev.penstock.gateway;

import dev.penstock.testkit.ServiceHarness;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A gateway in a process of its own, with one route for large bodies. Arguments: the server's URL, data folder. */
final class BulkChild {
    private BulkChild() {}

    public static void main(String[] arguments) throws InterruptedException {
        GatewayService gateway = new GatewayService();
        ServiceHarness.with("""
                        server: {port: 0}
                        auth: {secret: a-secret-for-tests, admin-key: %s}
                        routes:
                          - name: bulk
                            prefix: /bulk
                            max-body: 2GiB
                            timeouts: {idle: 60s, total: 30m}
                            pool: {instances: [{url: "%s"}], connections: {timeout: 5m}}
                        """.formatted(GatewayFixture.KEY, arguments[0]), Path.of(arguments[1]), "", "")
                .start(gateway);
        System.out.println("port=" + gateway.port());
        new CountDownLatch(1).await();
    }
}
