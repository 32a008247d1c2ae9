package dev.penstock.common.cluster;

import dev.penstock.common.service.Role;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Who is there and who serves what, at one moment.
 *
 * @param members ids of all members, sorted
 * @param serving ids by role, sorted
 */
record Snapshot(List<String> members, Map<Role, List<String>> serving) {
    static final Snapshot EMPTY = new Snapshot(List.of(), Map.of());

    /** {@code announced} may name members that are gone, and roles of a newer version: both are left out. */
    static Snapshot of(Collection<String> members, Map<String, String> announced) {
        List<String> sorted = members.stream().sorted().toList();
        Map<Role, List<String>> serving = new EnumMap<>(Role.class);
        for (String member : sorted) {
            for (Role role : parse(announced.getOrDefault(member, ""))) {
                serving.computeIfAbsent(role, r -> new ArrayList<>()).add(member);
            }
        }
        serving.replaceAll((role, ids) -> List.copyOf(ids));
        return new Snapshot(sorted, serving);
    }

    /** Roles as they stand in the replicated map. */
    static String text(Set<Role> roles) {
        return roles.stream().map(Role::label).sorted().collect(Collectors.joining(","));
    }

    List<String> live(Role role) {
        return serving.getOrDefault(role, List.of());
    }

    String summary() {
        return members.size() + " members; "
                + serving.entrySet().stream()
                        .map(entry ->
                                entry.getKey().label() + " " + entry.getValue().size())
                        .collect(Collectors.joining(", "));
    }

    private static Set<Role> parse(String text) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (Role role : Role.values()) {
            if (("," + text + ",").contains("," + role.label() + ",")) {
                roles.add(role);
            }
        }
        return roles;
    }
}
