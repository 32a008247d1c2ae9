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

        @Setting(
                doc = "Secrets that `secret` replaced: keys, tokens and logins that were made under them stay good."
                        + " Drop one when its keys are rotated.")
        List<Secret> previousSecrets,

        @Setting(
                doc = "How often changes of keys and ended sessions are read again, where no message told of them.",
                value = "500ms",
                min = 100)
        Duration refresh,

        @Setting(
                doc = "How long keys are trusted while neither Redis nor Postgres can be reached.",
                value = "15m",
                min = 1000)
        Duration maxStale,

        @Setting(doc = "How long a browser session lasts.", value = "12h", min = 60000)
        Duration session,

        @Setting(
                doc =
                        "How long an access token of `POST /api/auth/login` is good; it is renewed with the refresh token.",
                value = "15m",
                min = 1000)
        Duration accessToken,

        @Setting(doc = "How long a login lasts without being renewed.", value = "14d", min = 60000)
        Duration refreshToken,

        @Setting(
                doc =
                        "Work that a password's hash costs, as bcrypt counts it: each step doubles it. Hashes of another cost"
                                + " are replaced at the next login.",
                value = "12",
                min = 10,
                max = 16)
        int passwordCost,

        @Setting(
                doc = "How many logins may wait for their password to be checked; more are told when to come back.",
                value = "16",
                min = 1,
                max = 1000)
        int passwordQueue,

        @Setting(doc = "Issuers outside (OpenID Connect) whose signed tokens are good here.")
        List<OidcConfig> oidc) {
    public AuthConfig {
        oidc = List.copyOf(oidc);
        previousSecrets = List.copyOf(previousSecrets);
    }
}
