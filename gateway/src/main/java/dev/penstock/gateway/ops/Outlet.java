package dev.penstock.gateway.ops;

import org.jspecify.annotations.Nullable;

/** A client's connection, whatever its protocol. May be used from any thread. */
interface Outlet {
    /** Close code of a client that does not keep up; it may come back and resume. */
    int TOO_SLOW = 4408;
    /** Close code when the key has ended. */
    int SIGNED_OUT = 4401;
    /** Close code when this process goes away. */
    int GOING_AWAY = 1001;
    /** Close code of a client that breaks the rules. */
    int POLICY = 1008;

    /** @param id where the client can resume, or null */
    void send(String json, @Nullable String id);

    /** Whether the client has not taken what was sent. */
    boolean full();

    /** Ends the connection; what is queued may be lost. */
    void close(int code, String reason);
}
