package dev.penstock.gateway.guard;

import dev.penstock.common.contract.SecurityContract.BlockChanged;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.net.Addresses;
import dev.penstock.common.net.Cidr;
import dev.penstock.gateway.guard.policy.Block;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** Blocks as others write them: administrators, messages, Redis, files. */
final class BlockText {
    private BlockText() {}

    /**
     * An address as the table has it.
     *
     * @throws Fault where it is neither an address nor a network
     */
    static String address(String said) {
        byte[] bytes = Addresses.parse(said);
        if (bytes != null) {
            return Addresses.group(Addresses.text(bytes));
        }
        return Cidr.parse(said)
                .map(network ->
                        network.toString().endsWith("/64") ? Addresses.group(bare(network)) : network.toString())
                .orElseThrow(() -> Fault.invalid(
                        "address", "'address' must be an address or a network, such as 203.0.113.7 or 2001:db8::/32."));
    }

    private static String bare(Cidr network) {
        String text = network.toString();
        return text.substring(0, text.indexOf('/'));
    }

    static BlockChanged message(Block block) {
        return new BlockChanged(
                block.address(), block.reason(), block.strikes(), block.beganMillis(), block.endsMillis(), block.by());
    }

    static Block of(BlockChanged change) {
        return new Block(
                change.address(),
                change.reason(),
                change.strikes(),
                change.beganMillis(),
                change.endsMillis(),
                change.by());
    }

    static JsonObject json(Block block) {
        return new JsonObject()
                .put("address", block.address())
                .put("reason", block.reason())
                .put("strikes", block.strikes())
                .put("began", block.beganMillis())
                .put("ends", block.endsMillis())
                .put("by", block.by());
    }

    /** Null where it is none of ours. */
    static @Nullable Block read(JsonObject json) {
        try {
            String address = json.getString("address");
            String reason = json.getString("reason");
            String by = json.getString("by");
            Integer strikes = json.getInteger("strikes");
            Long began = json.getLong("began");
            Long ends = json.getLong("ends");
            return address == null || reason == null || by == null || strikes == null || began == null || ends == null
                    ? null
                    : new Block(address, reason, strikes, began, ends, by);
        } catch (ClassCastException _) {
            return null;
        }
    }
}
