package dev.penstock.common.config;

import dev.penstock.common.unit.DataSize;
import java.util.List;

/** A path prefix behind which an ordinary HTTP service answers. */
public record RouteConfig(
        @Setting(doc = "Name, unique: what metrics, logs and the scopes of keys call it.", value = Setting.REQUIRED)
        String name,

        @Setting(
                doc = "Paths that begin with it are the route's; whole segments, the longest prefix wins.",
                value = Setting.REQUIRED)
        String prefix,

        @Setting(doc = "Only requests for this host, without a port; empty takes every host.")
        String host,

        @Setting(doc = "Methods that are let through; empty lets all through but CONNECT and TRACE.")
        List<String> methods,

        @Setting(doc = "The servers that answer.") PoolConfig pool,

        @Setting(doc = "Who may call.") RouteAuthConfig auth,

        @Setting(
                doc = "Class whose limits hold, unless `limits` has some under the route's own name.",
                value = "upstream")
        LimitClass limitClass,

        @Setting(doc = "How long each part of a call may take.")
        RouteTimeoutsConfig timeouts,

        @Setting(doc = "Path below which the servers are asked.")
        RoutePathConfig path,

        @Setting(doc = "Headers on the way to the server.") HeaderRulesConfig requestHeaders,

        @Setting(doc = "Headers on the way to the caller.") HeaderRulesConfig responseHeaders,

        @Setting(doc = "Largest request body; streamed, never held whole.", value = "20MiB", min = 0)
        DataSize maxBody,

        @Setting(
                doc =
                        "Content types that a body may have, such as application/pdf or image/*, by its name and by its first bytes; empty lets all through.")
        List<String> contentTypes,

        @Setting(
                doc =
                        "Whether a body is written to disk and checked as `protection.uploads` says (type, archives, harmful signatures) before a server sees it.",
                value = "false")
        boolean checkUploads,

        @Setting(doc = "What a request must look like before a server sees it.")
        RouteValidationConfig validation,

        @Setting(
                doc =
                        "Largest body that is held so that it can be sent again, where the request may be; larger ones are streamed and sent once.",
                value = "64KiB",
                min = 0,
                max = 16777216)
        DataSize maxRepeatBody,

        @Setting(doc = "Whether WebSockets are passed through.", value = "false")
        boolean websocket,

        @Setting(doc = "Whether the server sees the caller's Host instead of its own.", value = "false")
        boolean preserveHost) {
    public RouteConfig {
        methods = List.copyOf(methods);
        contentTypes = List.copyOf(contentTypes);
    }

    /** The shipped classes of limits. */
    public enum LimitClass {
        AI,
        ANALYSIS,
        REFERENCE,
        UPSTREAM,
        ADMIN,
        DEFAULT
    }
}
