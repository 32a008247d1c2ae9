package dev.penstock.gateway.guard;

import dev.penstock.common.config.ConnectionsConfig;
import dev.penstock.common.net.Addresses;
import dev.penstock.common.net.Cidr;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.SocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * How many connections one address and all together may hold. Trusted proxies and exempt addresses count in the total
 * alone. Bounded by the connections there are. Safe for many event loops.
 */
public final class ConnectionCaps {
    private final ConnectionsConfig config;
    private final List<Cidr> trusted;
    private final List<Cidr> exempt;
    private final boolean announced;
    private final GuardTrail trail;
    private final AtomicInteger total = new AtomicInteger();
    private final Map<String, Integer> byAddress = new ConcurrentHashMap<>();

    /** @param announced whether each connection begins with the PROXY protocol */
    ConnectionCaps(
            ConnectionsConfig config, List<Cidr> trusted, List<Cidr> exempt, boolean announced, GuardTrail trail) {
        this.config = config;
        this.trusted = trusted;
        this.exempt = exempt;
        this.announced = announced;
        this.trail = trail;
        trail.telemetry().gauge("penstock_http_connections", "Open connections of callers.", total::get);
    }

    /**
     * A connection was opened.
     *
     * @return what to run when it is closed; null where it must be closed now, since there are too many
     */
    public @Nullable Runnable opened(HttpConnection connection) {
        if (announced && !isProxy(connection.remoteAddress(true))) {
            trail.refused("untrusted_proxy");
            return null;
        }
        if (config.total() > 0 && total.get() >= config.total()) {
            trail.refused("connections_total");
            return null;
        }
        String group = group(connection.remoteAddress());
        if (group.isEmpty()) {
            total.incrementAndGet();
            return total::decrementAndGet;
        }
        int now = byAddress.merge(group, 1, Integer::sum);
        if (now > config.perAddress()) {
            left(group);
            trail.refused("connections_per_address");
            return null;
        }
        total.incrementAndGet();
        return () -> {
            total.decrementAndGet();
            left(group);
        };
    }

    /** Only a proxy may say for whom it connects: anybody else could claim any address. */
    private boolean isProxy(@Nullable SocketAddress peer) {
        String address = peer == null ? null : peer.hostAddress();
        byte[] bytes = address == null ? null : Addresses.parse(address);
        return bytes != null && Cidr.anyContains(trusted, bytes);
    }

    private void left(String group) {
        byAddress.computeIfPresent(group, (key, count) -> count == 1 ? null : count - 1);
    }

    /** Empty where the address has no bound of its own. */
    private String group(@Nullable SocketAddress remote) {
        String address = remote == null ? null : remote.hostAddress();
        if (config.perAddress() == 0 || address == null) {
            return "";
        }
        byte[] bytes = Addresses.parse(address);
        boolean free = bytes == null || Cidr.anyContains(exempt, bytes) || Cidr.anyContains(trusted, bytes);
        return free ? "" : Addresses.group(address);
    }
}
