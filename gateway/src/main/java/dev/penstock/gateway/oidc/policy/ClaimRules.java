package dev.penstock.gateway.oidc.policy;

import dev.penstock.common.config.OidcConfig;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Judges the claims of a token whose signature is good already, and reads user, role and team from them (RFC 7519 §4.1,
 * OpenID Connect Core §3.1.3.7). Pure.
 */
public final class ClaimRules {
    /** Goes into logs, labels of pages and keys of Redis. */
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._@/|:+-]{0,199}");

    private static final List<String> ROLES = List.of("user", "analyst", "admin");

    /** What the claims say. */
    public sealed interface Outcome {
        /**
         * Who it is.
         *
         * @param user the id here: the issuer's name, a slash, its own name for the user
         * @param role {@code user}, {@code analyst} or {@code admin}
         */
        record Known(String user, String role, @Nullable String team, Instant expiresAt) implements Outcome {}

        /** @param reason a label, of a small fixed set */
        record Refused(String reason, String message) implements Outcome {}
    }

    private final OidcConfig config;

    public ClaimRules(OidcConfig config) {
        this.config = config;
    }

    /**
     * Judges.
     *
     * @param claims as JSON: texts, numbers, lists, maps
     */
    public Outcome judge(Map<String, @Nullable Object> claims, Instant now) {
        if (!config.issuer().equals(claims.get("iss"))) {
            return new Outcome.Refused("token_issuer", "The token is not of this issuer.");
        }
        if (!texts(claims.get("aud")).contains(config.audience())) {
            return new Outcome.Refused("token_audience", "The token is for somebody else: its 'aud' does not name us.");
        }
        Instant expires = moment(claims.get("exp"));
        if (expires == null) {
            return new Outcome.Refused("token_expired", "The token has no valid 'exp': it would be good for ever.");
        }
        if (!now.isBefore(expires.plus(config.clockSkew()))) {
            return new Outcome.Refused("token_expired", "The token has expired.");
        }
        Instant limit = now.plus(config.clockSkew());
        if (later(claims, "nbf", limit) || later(claims, "iat", limit)) {
            return new Outcome.Refused("token_early", "The token is not valid yet.");
        }
        return who(claims, expires.plus(config.clockSkew()));
    }

    private Outcome who(Map<String, @Nullable Object> claims, Instant until) {
        List<String> users = texts(at(claims, config.userClaim()));
        if (users.size() != 1 || !NAME.matcher(users.getFirst()).matches()) {
            return new Outcome.Refused(
                    "token_user",
                    "The token names no user in '" + config.userClaim() + "', or none with a usable name.");
        }
        String role = role(texts(at(claims, config.roleClaim())));
        if (role == null) {
            return new Outcome.Refused(
                    "token_role", "Nothing in '" + config.roleClaim() + "' of the token gives a role here.");
        }
        List<String> teams = config.teamClaim().isEmpty() ? List.of() : texts(at(claims, config.teamClaim()));
        String team = teams.isEmpty() ? null : teams.getFirst();
        if (team != null && !NAME.matcher(team).matches()) {
            return new Outcome.Refused("token_team", "The token's team has no usable name.");
        }
        return new Outcome.Known(config.name() + "/" + users.getFirst(), role, team, until);
    }

    private @Nullable String role(List<String> given) {
        int best = -1;
        for (String value : given) {
            String role = config.roles().get(value);
            if (role != null) {
                best = Math.max(best, ROLES.indexOf(role.toLowerCase(Locale.ROOT)));
            }
        }
        return best < 0 ? null : ROLES.get(best);
    }

    /** Present and wrong counts as later: what cannot be read must not pass. */
    private static boolean later(Map<String, @Nullable Object> claims, String name, Instant limit) {
        if (claims.get(name) == null) {
            return false;
        }
        Instant moment = moment(claims.get(name));
        return moment == null || moment.isAfter(limit);
    }

    private static @Nullable Instant moment(@Nullable Object value) {
        if (value instanceof Number number) {
            long seconds = number.longValue();
            return seconds < 0 || seconds > 253_402_300_799L ? null : Instant.ofEpochSecond(seconds);
        }
        return null;
    }

    /** The claim of that very name, for names that are URLs; else the way into objects. */
    private static @Nullable Object at(Map<String, @Nullable Object> claims, String path) {
        if (claims.containsKey(path)) {
            return claims.get(path);
        }
        Object value = claims;
        for (String step : path.split("\\.", -1)) {
            value = value instanceof Map<?, ?> map ? map.get(step) : null;
        }
        return value;
    }

    private static List<String> texts(@Nullable Object value) {
        return switch (value) {
            case String text -> List.of(text);
            case Collection<?> many ->
                many.stream()
                        .filter(String.class::isInstance)
                        .map(String.class::cast)
                        .toList();
            case null, default -> List.of();
        };
    }
}
