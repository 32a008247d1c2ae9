package dev.penstock.common.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RendezvousProperties {
    @Property
    void onlyTheShareOfAMemberThatLeavesMoves(@ForAll @IntRange(min = 2, max = 12) int size, @ForAll long hash) {
        List<String> members = members(size);
        String owner = Rendezvous.pick(members, hash).orElseThrow();

        for (String leaver : members) {
            List<String> rest = new ArrayList<>(members);
            rest.remove(leaver);
            String next = Rendezvous.pick(rest, hash).orElseThrow();
            assertThat(next.equals(owner)).isEqualTo(!leaver.equals(owner));
        }
    }

    @Property
    void theOrderOfTheMembersDoesNotMatter(@ForAll @IntRange(min = 1, max = 12) int size, @ForAll long hash) {
        List<String> members = members(size);

        assertThat(Rendezvous.pick(members.reversed(), hash)).isEqualTo(Rendezvous.pick(members, hash));
    }

    @Test
    void sharesAreNearlyEven() {
        Map<String, Integer> shares = new HashMap<>();
        for (int i = 0; i < 30_000; i++) {
            shares.merge(
                    Rendezvous.pick(members(3), Rendezvous.hash("key-" + i)).orElseThrow(), 1, Integer::sum);
        }

        assertThat(shares.values()).allSatisfy(share -> assertThat(share).isBetween(9_500, 10_500));
    }

    private static List<String> members(int size) {
        List<String> members = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            members.add("member-" + i);
        }
        return members;
    }
}
