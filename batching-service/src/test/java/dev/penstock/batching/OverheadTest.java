package dev.penstock.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.config.InstanceConfig;
import dev.penstock.common.contract.BatchContract.Done;
import dev.penstock.common.unit.Secret;
import dev.penstock.common.upstream.UpstreamCall;
import dev.penstock.common.upstream.UpstreamClient;
import dev.penstock.sandbox.Behaviour;
import dev.penstock.testkit.Await;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class OverheadTest {
    @Test
    void measure() {
        try (BatchingHarness harness = new BatchingHarness(1, BatchingHarness.quick())) {
            harness.server().behave(Behaviour.INSTANT);
            UpstreamClient client = new UpstreamClient(harness.vertx, Duration.ofSeconds(1));
            InstanceConfig instance = new InstanceConfig("x", harness.server().baseUrl(), new Secret(""), "", 1, 10);
            Context context = harness.vertx.getOrCreateContext();
            for (int round = 0; round < 4; round++) {
                long[] direct = new long[3000];
                long[] batched = new long[3000];
                long[] queue = new long[3000];
                long[] upstream = new long[3000];
                for (int i = 0; i < direct.length; i++) {
                    long t0 = System.nanoTime();
                    Promise<Object> done = Promise.promise();
                    context.runOnContext(v -> {
                        UpstreamCall call = client.open(instance, "/embeddings",
                                Buffer.buffer("{\"model\":\"sandbox-embed\",\"input\":[\"hello\"],\"encoding_format\":\"base64\"}"),
                                BatchingHarness.context(Duration.ofSeconds(5)), Duration.ofSeconds(5));
                        call.response().compose(r -> client.collect(call, r, 1 << 20, Duration.ofSeconds(5))).onComplete(r -> done.complete(r.result()));
                    });
                    done.future().await();
                    direct[i] = System.nanoTime() - t0;
                    t0 = System.nanoTime();
                    Done d = (Done) harness.submit("hello").await().results().getFirst();
                    batched[i] = System.nanoTime() - t0;
                    queue[i] = d.queueNanos();
                    upstream[i] = d.upstreamNanos();
                }
                for (long[] a : new long[][] {direct, batched, queue, upstream}) {
                    Arrays.sort(a);
                    System.out.printf("p50 %.3f p90 %.3f p99 %.3f ms%n", a[1500] / 1e6, a[2700] / 1e6, a[2970] / 1e6);
                }
                System.out.println();
            }
            assertThat(Await.result(client.close())).isNull();
        }
    }
}
