package dev.penstock.gateway;

import dev.penstock.testkit.Await;
import dev.penstock.testkit.ServiceHarness;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A gateway in a process of its own, to be killed. Arguments: model URL, Postgres URL, data folder. */
final class MoneyChild {
    private MoneyChild() {}

    static String config(String modelUrl) {
        return """
                server: {port: 0}
                auth: {secret: a-secret-for-tests, admin-key: %s}
                models:
                  - name: chat
                    operations: [chat]
                    instances: [{name: one, url: "%s", model: sandbox-chat}]
                prices:
                  - {model: chat, input: 1usd, output: 2usd}
                """.formatted(GatewayFixture.KEY, modelUrl);
    }

    static ServiceHarness start(String modelUrl, String postgresUrl, Path folder, GatewayService gateway) {
        ServiceHarness harness = ServiceHarness.with(config(modelUrl), folder, "", postgresUrl);
        Await.until("Postgres answers", () -> harness.context().postgres().available());
        harness.start(gateway);
        new FakeBatching(harness, List.of("one"));
        return harness;
    }

    public static void main(String[] arguments) throws InterruptedException {
        GatewayService gateway = new GatewayService();
        start(arguments[0], arguments[1], Path.of(arguments[2]), gateway);
        System.out.println("port=" + gateway.port());
        new CountDownLatch(1).await();
    }
}
