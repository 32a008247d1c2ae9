package dev.penstock.gateway.guard;

import dev.penstock.common.net.Addresses;
import dev.penstock.common.net.Cidr;
import dev.penstock.gateway.guard.policy.Block;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * This process's copy of the blocks in force. Read on every request by all event loops: free while there are none, one
 * look-up where there are some. Bounded; what does not fit is told to the caller.
 */
final class BlockTable {
    static final int MOST = 100_000;
    private static final int MOST_NETWORKS = 1_000;

    private record Network(Cidr cidr, Block block) {}

    private final Map<String, Block> blocks = new ConcurrentHashMap<>();
    private final List<Network> networks = new CopyOnWriteArrayList<>();

    /** @param group as {@code Addresses.group} gives it */
    @Nullable
    Block find(String group, long nowMillis) {
        if (!blocks.isEmpty()) {
            Block block = blocks.get(group);
            if (block != null) {
                if (!block.over(nowMillis)) {
                    return block;
                }
                blocks.remove(group, block);
            }
        }
        return networks.isEmpty() ? null : inNetwork(group, nowMillis);
    }

    private @Nullable Block inNetwork(String group, long nowMillis) {
        int slash = group.indexOf('/');
        byte[] address = Addresses.parse(slash < 0 ? group : group.substring(0, slash));
        if (address == null) {
            return null;
        }
        for (Network network : networks) {
            if (network.cidr().contains(address) && !network.block().over(nowMillis)) {
                return network.block();
            }
        }
        return null;
    }

    /** @return false where there is no room */
    boolean put(Block block) {
        Optional<Cidr> network = network(block.address());
        if (network.isPresent()) {
            networks.removeIf(held -> held.block().address().equals(block.address()));
            return networks.size() < MOST_NETWORKS && networks.add(new Network(network.get(), block));
        }
        if (blocks.size() >= MOST && !blocks.containsKey(block.address())) {
            return false;
        }
        blocks.put(block.address(), block);
        return true;
    }

    void remove(String address) {
        blocks.remove(address);
        networks.removeIf(network -> network.block().address().equals(address));
    }

    boolean empty() {
        return blocks.isEmpty() && networks.isEmpty();
    }

    /** The block of exactly that address or network; null for none. */
    @Nullable
    Block get(String address) {
        Block block = blocks.get(address);
        if (block != null) {
            return block;
        }
        for (Network network : networks) {
            if (network.block().address().equals(address)) {
                return network.block();
            }
        }
        return null;
    }

    void removeAll(Collection<String> addresses) {
        blocks.keySet().removeAll(addresses);
        networks.removeIf(network -> addresses.contains(network.block().address()));
    }

    void expire(long nowMillis) {
        blocks.values().removeIf(block -> block.over(nowMillis));
        networks.removeIf(network -> network.block().over(nowMillis));
    }

    int size() {
        return blocks.size() + networks.size();
    }

    /** At most so many, in no order. */
    List<Block> list(int limit) {
        return java.util.stream.Stream.concat(networks.stream().map(Network::block), blocks.values().stream())
                .limit(limit)
                .toList();
    }

    /** A network that is more than what one address counts as. */
    private static Optional<Cidr> network(String address) {
        boolean group = address.indexOf('/') < 0 || address.equals(Addresses.group(bare(address)));
        return group ? Optional.empty() : Cidr.parse(address);
    }

    private static String bare(String address) {
        return address.substring(0, address.indexOf('/'));
    }
}
