package dev.penstock.common.unit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

class MoneyProperties {
    @Property
    void whatIsWrittenIsReadBackToTheNanoDollar(
            @ForAll @LongRange(min = 0, max = 999_999_999_999_999_999L) long nanos) {
        Money money = new Money(nanos);
        assertThat(Money.parse(money.toString())).isEqualTo(money);
    }

    @Example
    void theUsualFormsAreRead() {
        assertThat(Money.parse("0.10usd")).isEqualTo(new Money(100_000_000));
        assertThat(Money.parse("25 USD")).isEqualTo(new Money(25_000_000_000L));
        assertThat(Money.decimal(123_000)).isEqualTo("0.000123");
        assertThat(Money.decimal(-1)).isEqualTo("-0.000000001");
    }

    @Example
    void whatIsNotExactOrNotDollarsIsRefused() {
        for (String text : List.of("", "1", "1eur", "-1usd", "1.usd", ".5usd", "1e3usd", "0.1234567891usd", "1,5usd")) {
            assertThatThrownBy(() -> Money.parse(text)).as(text).hasMessageContaining("0.10usd");
        }
    }
}
