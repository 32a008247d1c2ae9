package dev.penstock.gateway.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.testkit.Await;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PasswordsTest {
    private static final int COST = 6;
    private final Vertx vertx = Vertx.vertx();
    private final Passwords passwords = new Passwords(vertx, COST, 8);

    @AfterEach
    void stop() {
        passwords.close();
        Await.result(vertx.close());
    }

    @Test
    void aHashIsBcryptAndFitsItsPasswordAlone() {
        String hash = Await.result(passwords.hash("correct horse battery"));
        assertThat(hash).startsWith("$2a$06$").hasSize(60);
        assertThat(Await.result(passwords.verify("correct horse battery", hash)))
                .isTrue();
        assertThat(Await.result(passwords.verify("correct horse", hash))).isFalse();
        assertThat(Await.result(passwords.hash("correct horse battery"))).isNotEqualTo(hash);
        assertThat(passwords.outdated(hash)).isFalse();
        assertThat(passwords.outdated(hash.replace("$06$", "$05$"))).isTrue();
    }

    @Test
    void everyByteOfALongPasswordCounts() {
        String first = "x".repeat(100) + "1";
        String second = "x".repeat(100) + "2";
        String hash = Await.result(passwords.hash(first));
        assertThat(Await.result(passwords.verify(first, hash))).isTrue();
        assertThat(Await.result(passwords.verify(second, hash))).isFalse();
    }

    @Test
    void nobodyHasAPasswordAndIsCheckedAsLongAsSomebody() {
        Passwords slow = new Passwords(vertx, 10, 8);
        String hash = Await.result(slow.hash("correct horse battery"));
        long start = System.nanoTime();
        assertThat(Await.result(slow.verify("wrong", hash))).isFalse();
        long known = System.nanoTime() - start;
        start = System.nanoTime();
        assertThat(Await.result(slow.verify("wrong", null))).isFalse();
        long unknown = System.nanoTime() - start;
        // A check that gives up at once takes well under a hundredth.
        assertThat((double) unknown / known).isGreaterThan(0.2);
        slow.close();
    }

    @Test
    void aHundredAtOnceAreServedAsFarAsTheQueueGoesAndTheOthersAreToldWhenToComeBack() {
        Passwords slow = new Passwords(vertx, 10, 8);
        int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        String hash = Await.result(slow.hash("correct horse battery"));
        List<Future<Boolean>> checks = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            checks.add(slow.verify("correct horse battery", hash));
        }
        int refused = 0;
        for (Future<Boolean> check : checks) {
            if (check.isComplete() && check.failed()) {
                Fault fault = (Fault) check.cause();
                assertThat(fault.code()).isEqualTo(FaultCode.OVERLOADED);
                assertThat(fault.retryAfter()).isPositive();
                refused++;
            }
        }
        assertThat(refused).isBetween(100 - threads - 8 - 20, 100 - threads - 8);
        int served = 0;
        for (Future<Boolean> check : checks) {
            if (!check.failed()) {
                assertThat(Await.result(check)).isTrue();
                served++;
            }
        }
        assertThat(served).isEqualTo(100 - refused);
        assertThat(Await.result(slow.verify("correct horse battery", hash)))
                .as("the queue is empty again")
                .isTrue();
        slow.close();
    }
}
