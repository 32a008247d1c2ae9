package dev.penstock.common.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** An issuer outside (OpenID Connect) whose signed tokens are good here. */
public record OidcConfig(
        @Setting(doc = "Name of the issuer here; begins the ids of its users.", value = Setting.REQUIRED)
        String name,

        @Setting(
                doc =
                        "The issuer's URL, exactly as its tokens have it in `iss`; `/.well-known/openid-configuration` below it says"
                                + " where its keys are.",
                value = Setting.REQUIRED)
        String issuer,

        @Setting(doc = "What `aud` must contain: tokens for others are refused.", value = Setting.REQUIRED)
        String audience,

        @Setting(
                doc =
                        "Signature algorithms that are accepted: RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512. Empty"
                                + " means RS256 and ES256.")
        List<String> algorithms,

        @Setting(doc = "The claim that names the user.", value = "sub")
        String userClaim,

        @Setting(
                doc = "The claim that roles follow from; dots lead into objects, such as `realm_access.roles`.",
                value = "roles")
        String roleClaim,

        @Setting(
                doc =
                        "Which value of the role claim gives which role: `user`, `analyst` or `admin`. The highest that fits counts;"
                                + " whom none fits is refused.")
        Map<String, String> roles,

        @Setting(doc = "The claim that names the team, of several the first; empty means that there are no teams.")
        String teamClaim,

        @Setting(doc = "How far the issuer's clock may be off.", value = "30s", max = 300_000)
        Duration clockSkew,

        @Setting(
                doc =
                        "How often the issuer's keys are read again; also the least time between two reads for a key that is not known.",
                value = "5m",
                min = 100)
        Duration refresh,

        @Setting(doc = "How long the keys are trusted while the issuer cannot be reached.", value = "24h", min = 1000)
        Duration keysTrusted) {
    public OidcConfig {
        algorithms = List.copyOf(algorithms);
        roles = Map.copyOf(roles);
    }
}
