package dev.penstock.common.bus;

import dev.penstock.common.contract.Ack;
import dev.penstock.common.contract.AlertContract;
import dev.penstock.common.contract.BatchContract;
import dev.penstock.common.contract.CacheContract;
import dev.penstock.common.contract.ControlContract;
import dev.penstock.common.contract.MonitorContract;
import dev.penstock.common.contract.SecurityContract;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** All message types, found by walking the sealed contracts: a message without a codec cannot exist. */
final class ContractTypes {
    private static final List<Class<?>> CONTRACTS = List.of(
            CacheContract.class,
            BatchContract.class,
            MonitorContract.class,
            AlertContract.class,
            SecurityContract.class,
            ControlContract.class);

    private ContractTypes() {}

    /** Every record of every contract, with the two replies that belong to none. */
    static Set<Class<?>> all() {
        Set<Class<?>> found = new LinkedHashSet<>();
        CONTRACTS.forEach(contract -> collect(contract, found));
        found.add(Ack.class);
        found.add(FaultReply.class);
        return found;
    }

    /** The records below one sealed type. */
    static Set<Class<?>> records(Class<?> sealed) {
        Set<Class<?>> found = new LinkedHashSet<>();
        collect(sealed, found);
        return found;
    }

    private static void collect(Class<?> type, Set<Class<?>> found) {
        if (type.isRecord()) {
            found.add(type);
        } else if (type.isSealed()) {
            for (Class<?> permitted : type.getPermittedSubclasses()) {
                collect(permitted, found);
            }
        }
    }
}
