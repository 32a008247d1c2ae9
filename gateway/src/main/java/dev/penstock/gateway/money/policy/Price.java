package dev.penstock.gateway.money.policy;

import dev.penstock.common.config.PriceConfig;
import dev.penstock.common.contract.Usage;
import dev.penstock.common.unit.Money;
import org.jspecify.annotations.Nullable;

/**
 * What one model costs at one place, in nano-dollars per million tokens of each class. Immutable.
 *
 * <p>Rounding: the products of tokens and prices of all classes are added up exactly, and only their sum is divided by a
 * million, half a nano-dollar rounded up. A call is rounded once; reports add up what calls cost and round nothing.
 *
 * @param output {@link #UNPRICED} where nobody said what writing costs
 * @param request nano-dollars per call
 */
public record Price(long input, long cached, long cacheWrite, long output, long reasoning, long request) {
    /** The cost of what has no known price. Never added to anything. */
    public static final long UNPRICED = -1;

    private static final long MILLION = 1_000_000;
    /** No call has more; keeps every product within a long, with prices up to 1000 dollars. */
    private static final long MOST_TOKENS = 1_000_000_000_000L;

    public static Price of(PriceConfig config) {
        long input = config.input().nanos();
        long output = nanos(config.output(), UNPRICED);
        return new Price(
                input,
                nanos(config.cachedInput(), input),
                nanos(config.cacheWrite(), input),
                output,
                nanos(config.reasoning(), output),
                config.request().nanos());
    }

    private static long nanos(@Nullable Money given, long absent) {
        return given == null ? absent : given.nanos();
    }

    /** Nano-dollars of one call, or {@link #UNPRICED} where it used something that has no price. */
    public long cost(Usage usage) {
        boolean unknown = (output < 0 && usage.outputTokens() > 0) || (reasoning < 0 && usage.reasoningTokens() > 0);
        if (unknown) {
            return UNPRICED;
        }
        long[] tokens = {
            usage.inputTokens(),
            usage.cachedTokens(),
            usage.cacheWriteTokens(),
            usage.outputTokens(),
            usage.reasoningTokens()
        };
        long[] prices = {input, cached, cacheWrite, Math.max(0, output), Math.max(0, reasoning)};
        long whole = request;
        long millionths = 0;
        for (int i = 0; i < tokens.length; i++) {
            long count = Math.clamp(tokens[i], 0, MOST_TOKENS);
            whole += count / MILLION * prices[i];
            millionths += count % MILLION * prices[i];
        }
        return whole + (millionths + MILLION / 2) / MILLION;
    }
}
