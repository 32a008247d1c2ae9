package dev.penstock.common.config;

import dev.penstock.common.unit.Secret;
import java.util.List;
import java.util.Map;

/** Headers that are changed: first removed, then set, then added. */
public record HeaderRulesConfig(
        @Setting(
                doc =
                        "Headers with the one value they get. {request-id}, {client-address}, {route}, {key-id}, {user}, {team}, {tenant}, {role}, {scheme}, {method} and {upstream} are replaced; ${ENV} brings secrets.")
        Map<String, Secret> set,

        @Setting(doc = "Headers that get one more value, with the same variables.")
        Map<String, Secret> add,

        @Setting(doc = "Headers that are taken away.") List<String> remove) {
    public HeaderRulesConfig {
        set = Map.copyOf(set);
        add = Map.copyOf(add);
        remove = List.copyOf(remove);
    }
}
