package dev.penstock.gateway.money.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.config.PriceConfig;
import dev.penstock.common.contract.Usage;
import dev.penstock.common.unit.Money;
import java.math.BigInteger;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

class PriceProperties {
    private static final long MOST_PRICE = 1_000_000_000_000L;
    private static final long MOST_TOKENS = 1_000_000_000L;

    @Property
    void aCostIsTheExactSumOverAllClassesRoundedOnce(
            @ForAll @LongRange(max = MOST_TOKENS) long input,
            @ForAll @LongRange(max = MOST_TOKENS) long cached,
            @ForAll @LongRange(max = MOST_TOKENS) long written,
            @ForAll @LongRange(max = MOST_PRICE) long price,
            @ForAll @LongRange(max = MOST_PRICE) long other) {
        long cost =
                new Price(price, other, 0, other, price, 7).cost(new Usage(input, cached, 5, written, written, false));
        BigInteger exact = times(input, price)
                .add(times(cached, other))
                .add(times(written, other))
                .add(times(written, price));
        BigInteger rounded = exact.add(BigInteger.valueOf(500_000)).divide(BigInteger.valueOf(1_000_000));
        assertThat(BigInteger.valueOf(cost)).isEqualTo(rounded.add(BigInteger.valueOf(7)));
        assertThat(cost).isNotNegative();
    }

    @Property
    void thePartsOfAUsageDifferFromTheWholeByRoundingAlone(
            @ForAll @LongRange(max = MOST_TOKENS) long first,
            @ForAll @LongRange(max = MOST_TOKENS) long second,
            @ForAll @LongRange(max = MOST_PRICE) long price) {
        Price each = new Price(price, price, price, price, price, 0);
        long parts = each.cost(Usage.of(first, 0, false)) + each.cost(Usage.of(second, 0, false));
        assertThat(parts - each.cost(Usage.of(first + second, 0, false))).isBetween(-1L, 1L);
    }

    @Example
    void whatHasNoPriceIsUnpricedAndNeverFree() {
        PriceConfig readingOnly =
                new PriceConfig("m", "", new Money(1_000_000_000), null, null, null, null, Money.ZERO);
        PriceList prices = PriceList.of(List.of(readingOnly));
        assertThat(prices.cost("other", "", Usage.of(1, 1, false))).isEqualTo(Price.UNPRICED);
        assertThat(prices.cost("m", "", Usage.of(1, 1, false))).isEqualTo(Price.UNPRICED);
        assertThat(prices.cost("m", "", Usage.of(3, 0, false))).isEqualTo(3_000);
    }

    @Example
    void theClassesAreDisjointSoCachedTokensAreNotPaidTwice() {
        Price price = Price.of(new PriceConfig(
                "m",
                "",
                new Money(2_000_000_000),
                new Money(200_000_000),
                new Money(2_500_000_000L),
                new Money(10_000_000_000L),
                null,
                Money.ZERO));
        // 1000 read, 800 of them from the cache; 100 written, 40 of them unseen.
        assertThat(price.cost(new Usage(200, 800, 0, 60, 40, false))).isEqualTo(400_000 + 160_000 + 1_000_000);
    }

    @Example
    void anInstanceMayHaveItsOwnPriceAndTheDearestIsSetAside() {
        Money cheap = new Money(1_000_000);
        PriceList prices = PriceList.of(List.of(
                new PriceConfig("m", "", cheap, null, null, cheap, null, Money.ZERO),
                new PriceConfig("m", "far", new Money(5_000_000), null, null, cheap, null, Money.ZERO)));
        Usage usage = Usage.of(1000, 0, false);
        assertThat(prices.cost("m", "near", usage)).isEqualTo(1_000);
        assertThat(prices.cost("m", "far", usage)).isEqualTo(5_000);
        assertThat(prices.dearest("m", usage)).isEqualTo(5_000);
    }

    private static BigInteger times(long tokens, long price) {
        return BigInteger.valueOf(tokens).multiply(BigInteger.valueOf(price));
    }
}
