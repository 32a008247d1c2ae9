package dev.penstock.gateway.money.policy;

import dev.penstock.common.config.PriceConfig;
import dev.penstock.common.contract.Usage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All prices of a configuration. The price of an instance goes before that of its model. Immutable. */
public final class PriceList {
    private final Map<String, OfModel> models;

    private record OfModel(@Nullable Price everywhere, Map<String, Price> instances) {
        @Nullable
        Price at(String instance) {
            Price own = instances.get(instance);
            return own == null ? everywhere : own;
        }
    }

    private PriceList(Map<String, OfModel> models) {
        this.models = Map.copyOf(models);
    }

    public static PriceList of(List<PriceConfig> configs) {
        Map<String, OfModel> models = new HashMap<>();
        for (PriceConfig config : configs) {
            OfModel known = models.getOrDefault(config.model(), new OfModel(null, Map.of()));
            Price price = Price.of(config);
            if (config.instance().isEmpty()) {
                models.put(config.model(), new OfModel(price, known.instances()));
            } else {
                Map<String, Price> instances = new HashMap<>(known.instances());
                instances.put(config.instance(), price);
                models.put(config.model(), new OfModel(known.everywhere(), Map.copyOf(instances)));
            }
        }
        return new PriceList(models);
    }

    /** The price at that instance, or null. An empty instance asks for the price that holds everywhere. */
    public @Nullable Price price(String model, String instance) {
        OfModel known = models.get(model);
        return known == null ? null : known.at(instance);
    }

    /** Nano-dollars, or {@link Price#UNPRICED}. */
    public long cost(String model, String instance, Usage usage) {
        Price price = price(model, instance);
        return price == null ? Price.UNPRICED : price.cost(usage);
    }

    /**
     * The most that the usage can cost at any place where the model runs: what is set aside before the place is known.
     *
     * @return {@link Price#UNPRICED} where no place has a price
     */
    public long dearest(String model, Usage usage) {
        OfModel known = models.get(model);
        if (known == null) {
            return Price.UNPRICED;
        }
        long most =
                known.everywhere() == null ? Price.UNPRICED : known.everywhere().cost(usage);
        for (Price price : known.instances().values()) {
            most = Math.max(most, price.cost(usage));
        }
        return most;
    }
}
