package dev.penstock.common.health;

import dev.penstock.common.contract.MonitorContract.Check;
import dev.penstock.common.contract.MonitorContract.ProcessHealth;
import dev.penstock.common.contract.MonitorContract.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/** The checks of one process. A check is a cheap look at state that is kept anyway: it never calls out and never blocks. */
public final class Health {
    private final List<Supplier<Check>> checks = new CopyOnWriteArrayList<>();
    private volatile boolean ready;
    private volatile String configHash = "";

    public void register(Supplier<Check> check) {
        checks.add(check);
    }

    /** Whether this process wants traffic: false while it starts and while it drains. */
    public boolean ready() {
        return ready;
    }

    public void ready(boolean value) {
        ready = value;
    }

    /** The hash of the configuration in force, so that a cluster can see that it disagrees. */
    public void configHash(String hash) {
        configHash = hash;
    }

    /** The worst check decides; all are told. */
    public ProcessHealth report() {
        List<Check> results = new ArrayList<>();
        Status worst = Status.HEALTHY;
        for (Supplier<Check> check : checks) {
            Check result = looked(check);
            results.add(result);
            if (result.status().compareTo(worst) > 0 && result.status() != Status.UNKNOWN) {
                worst = result.status();
            }
        }
        return new ProcessHealth(worst, results, configHash);
    }

    /** A check that fails to look knows nothing; it must not hide the others. */
    private static Check looked(Supplier<Check> check) {
        try {
            return check.get();
        } catch (RuntimeException e) {
            return new Check("check", Status.UNKNOWN, "A check itself failed: " + e.getMessage());
        }
    }
}
