package dev.penstock.common.pool;

import dev.penstock.common.config.DiscoveryConfig;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The EndpointSlices of one service, kept up to date from the events of a watch. Lives on one event loop. */
final class EndpointSlices {
    private final DiscoveryConfig config;
    private final Map<String, List<Instance>> slices = new HashMap<>();

    EndpointSlices(DiscoveryConfig config) {
        this.config = config;
    }

    void clear() {
        slices.clear();
    }

    void put(JsonObject slice) {
        slices.put(name(slice), read(slice));
    }

    void remove(JsonObject slice) {
        slices.remove(name(slice));
    }

    /** All instances, sorted. */
    List<Instance> instances() {
        return slices.values().stream()
                .flatMap(List::stream)
                .distinct()
                .sorted(Comparator.comparing(Instance::name))
                .toList();
    }

    private List<Instance> read(JsonObject slice) {
        int port = port(slice.getJsonArray("ports", new JsonArray()));
        JsonArray endpoints = slice.getJsonArray("endpoints");
        List<Instance> instances = new ArrayList<>();
        // A name of another kind of slice (FQDN) cannot be connected to as an address.
        if (port == 0 || endpoints == null || "FQDN".equals(slice.getString("addressType"))) {
            return instances;
        }
        for (int i = 0; i < endpoints.size(); i++) {
            JsonObject endpoint = endpoints.getJsonObject(i);
            JsonObject conditions = endpoint.getJsonObject("conditions", new JsonObject());
            JsonArray addresses = endpoint.getJsonArray("addresses", new JsonArray());
            // Unknown counts as ready, as the API's description says. All addresses of an endpoint are the same one.
            if (!Boolean.FALSE.equals(conditions.getBoolean("ready")) && !addresses.isEmpty()) {
                String address = addresses.getString(0);
                instances.add(Instance.at("", config.tls(), config.name(), address, port, "", 1));
            }
        }
        return instances;
    }

    /** The configured port if the slice has it, else its first. */
    private int port(JsonArray ports) {
        int first = 0;
        for (int i = 0; i < ports.size(); i++) {
            int port = ports.getJsonObject(i).getInteger("port", 0);
            if (port == config.port()) {
                return port;
            }
            first = first == 0 ? port : first;
        }
        return config.port() == 0 ? first : 0;
    }

    private static String name(JsonObject slice) {
        return slice.getJsonObject("metadata", new JsonObject()).getString("name", "");
    }
}
