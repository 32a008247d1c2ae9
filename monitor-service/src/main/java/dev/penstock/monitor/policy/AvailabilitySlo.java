package dev.penstock.monitor.policy;

import dev.penstock.common.config.SloConfig;
import dev.penstock.common.contract.MonitorContract.SloState;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Availability as a ratio of good to valid requests, with a fast multi-window burn-rate alert (the Google SRE Workbook,
 * chapter 5). Burn 1 spends the budget exactly over its period; the alert needs the burn in both windows, so that it is
 * quick to start and quick to end. Few requests are no evidence: below the minimum nothing is raised.
 */
public final class AvailabilitySlo {
    private static final String NAME = "availability";
    /** A burn cannot be demanded that total failure would not reach; Penstock caps it at 80 % errors. */
    private static final double LARGEST_ERROR_RATIO = 0.8;
    /** What was raised ends when the short window is clearly below the threshold. */
    private static final double CLEAR_AT = 0.9;

    private SloConfig config;
    private boolean breached;

    public AvailabilitySlo(SloConfig config) {
        this.config = config;
    }

    /** Another objective from now on; what is raised stays until the windows say otherwise. */
    public void config(SloConfig next) {
        config = next;
    }

    /** Valid and failed requests of a window. */
    public record Ratio(long valid, long bad) {
        public static Ratio of(Collection<Slot> slots) {
            long valid = 0;
            long bad = 0;
            for (Slot slot : slots) {
                valid += slot.count(Figures.REQUESTS, l -> !"public".equals(l.get("class")));
                bad += slot.count(
                        Figures.REQUESTS, l -> !"public".equals(l.get("class")) && "5xx".equals(l.get("status_class")));
            }
            return new Ratio(valid, bad);
        }

        double errors() {
            return valid == 0 ? 0 : (double) bad / valid;
        }
    }

    /** Judges the newest windows; remembers whether it is breached, so that a flicker does not end an alert. */
    public SloState judge(Ratio longWindow, Ratio shortWindow) {
        double threshold = threshold();
        boolean evidence = shortWindow.valid() >= config.minRequests();
        if (breached) {
            breached = evidence
                    ? shortWindow.errors() >= CLEAR_AT * threshold
                    : shortWindow.valid() > 0 && shortWindow.errors() >= threshold;
        } else {
            breached = evidence && shortWindow.errors() >= threshold && longWindow.errors() >= threshold;
        }
        return new SloState(NAME, share(config.availability()), burn(longWindow), remaining(longWindow), breached);
    }

    /** The error ratio that both windows must reach. */
    public double threshold() {
        return Math.min(share(config.burn() * (100 - config.availability())), LARGEST_ERROR_RATIO);
    }

    private double budget() {
        return share(100 - config.availability());
    }

    /** A percentage as a share, without the dust of binary fractions: people read it. */
    private static double share(double percent) {
        return Math.round(percent * 1e7) / 1e9;
    }

    private @Nullable Double burn(Ratio window) {
        return window.valid() == 0 ? null : window.errors() / budget();
    }

    /** The share of the long window's own budget that is left; negative when overspent. */
    private @Nullable Double remaining(Ratio window) {
        Double burn = burn(window);
        return burn == null ? null : 1 - burn;
    }
}
