package dev.penstock.gateway.guard;

import dev.penstock.common.contract.SecurityContract.Kind;
import dev.penstock.common.net.Cidr;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.gateway.audit.Audit;
import dev.penstock.gateway.guard.content.ContentCheck;
import dev.penstock.gateway.guard.content.SpoolingCheck;
import dev.penstock.gateway.guard.policy.Cors;
import dev.penstock.gateway.guard.policy.RuleSet;
import dev.penstock.gateway.http.ClientAddress;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import java.time.Clock;
import java.util.List;

/** Protection of one process: made once, started before the server listens, shared by all event loops. */
public final class Guard {
    private final GuardTrail trail;
    private final Blocks blocks;
    private final ConnectionCaps caps;
    private final SpoolingCheck contents;
    private final RuleSet rules;
    private final Cors cors;
    private final List<Cidr> trusted;
    private final List<Cidr> allow;
    private final List<Cidr> deny;

    private Guard(ServiceContext context, Audit audit, Clock clock) {
        var protection = context.config().protection();
        this.trusted = Cidr.all(context.config().server().trustedProxies());
        this.allow = Cidr.all(protection.allow());
        this.deny = Cidr.all(protection.deny());
        this.trail = new GuardTrail(context, audit, clock);
        this.blocks = new Blocks(context, trail, clock);
        trail.unheard(blocks::untold);
        this.caps = new ConnectionCaps(
                protection.connections(),
                trusted,
                Cidr.all(protection.exempt()),
                context.config().server().proxyProtocol(),
                trail);
        this.contents = new SpoolingCheck(
                context.vertx(), context.dataFolder().resolve("uploads"), protection.uploads(), this::refusedContent);
        this.rules = new RuleSet(protection.rules());
        this.cors = new Cors(context.config().server().cors());
    }

    /** @param audit where refusals and blocks are kept */
    public static Guard create(ServiceContext context, Audit audit) {
        return new Guard(context, audit, Clock.systemUTC());
    }

    static Guard create(ServiceContext context, Audit audit, Clock clock) {
        return new Guard(context, audit, clock);
    }

    /** Reads the blocks for the first time; completed also where that is not possible yet. */
    public Future<Void> start() {
        return contents.start().compose(done -> blocks.start());
    }

    public void stop() {
        blocks.stop();
    }

    /** What each request and connection goes through first. Safe for many event loops. */
    public Door door() {
        return new Door(trail, blocks, rules, cors, new Door.Lists(trusted, allow, deny));
    }

    public ConnectionCaps caps() {
        return caps;
    }

    public Blocks blocks() {
        return blocks;
    }

    /** For routes that check uploads. */
    public ContentCheck contents() {
        return contents;
    }

    private void refusedContent(HttpServerRequest request, String subject, String detail) {
        trail.refused("content");
        String id = request.response().headers().get("x-request-id");
        trail.tell(
                Kind.CONTENT_REFUSED,
                subject,
                ClientAddress.of(request),
                id == null ? Door.correlation(request) : id,
                request.path() == null ? "/" : request.path(),
                detail);
    }
}
