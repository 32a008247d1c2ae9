package dev.penstock.common.config;

import dev.penstock.common.unit.Secret;
import java.time.Duration;

/** Keys and sessions. */
public record AuthConfig(
        @Setting(
                doc =
                        "Secret under which keys are stored as hashes and sessions are signed. Empty: one is made and kept in the"
                                + " data folder. All gateways of a cluster need the same.")
        Secret secret,

        @Setting(doc = "First admin key; empty: one is made and kept in the data folder.")
        Secret adminKey,

        @Setting(doc = "How often keys are read again.", value = "1s", min = 100)
        Duration refresh,

        @Setting(
                doc = "How long keys are trusted while neither Redis nor Postgres can be reached.",
                value = "15m",
                min = 1000)
        Duration maxStale,

        @Setting(doc = "How long a browser session lasts.", value = "12h", min = 60000)
        Duration session) {}
