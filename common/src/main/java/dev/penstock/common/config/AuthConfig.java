package dev.penstock.common.config;

import dev.penstock.common.unit.Secret;
import java.time.Duration;
import java.util.List;

/** Keys and sessions. */
public record AuthConfig(
        @Setting(
                doc =
                        "Secret under which keys are stored as hashes and sessions are signed. `./penstock up` makes one and keeps it"
                                + " in the data folder; the gateways of a cluster must be given the same.")
        Secret secret,

        @Setting(
                doc =
                        "First admin key. `./penstock up` makes one and keeps it in the data folder; in a cluster, empty means that there is none.")
        Secret adminKey,

        @Setting(doc = "How often keys are read again.", value = "1s", min = 100)
        Duration refresh,

        @Setting(
                doc = "How long keys are trusted while neither Redis nor Postgres can be reached.",
                value = "15m",
                min = 1000)
        Duration maxStale,

        @Setting(doc = "How long a browser session lasts.", value = "12h", min = 60000)
        Duration session,

        @Setting(doc = "Issuers outside (OpenID Connect) whose signed tokens are good here.")
        List<OidcConfig> oidc) {
    public AuthConfig {
        oidc = List.copyOf(oidc);
    }
}
