package dev.penstock.gateway.guard.policy;

import dev.penstock.common.fault.Fault;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;

/**
 * What a text field of an operation may hold. Each field has one of these instead of an escaping that would damage what
 * people write: a name is refused where it could be read as markup, free text is kept as it is, and whoever shows it
 * escapes it there. Prompts have no policy: they are never looked at. Pure.
 */
public enum FieldPolicy {
    /** Names of keys, teams, users: they go into logs, labels and pages. */
    PLAIN_NAME {
        @Override
        public String check(String field, String value) {
            if (!NAME.matcher(value).matches()) {
                throw Fault.invalid(
                        field,
                        "'" + field
                                + "' must be 1 to 100 letters, digits, spaces or . _ @ / + -, beginning with a letter or"
                                + " digit.");
            }
            return value;
        }
    },
    /** Comments and descriptions: anything that can be printed. */
    FREE_TEXT {
        @Override
        public String check(String field, String value) {
            if (value.length() > LONGEST_TEXT) {
                throw Fault.invalid(field, "'" + field + "' may have at most " + LONGEST_TEXT + " characters.");
            }
            for (int i = 0; i < value.length(); i++) {
                char c = value.charAt(i);
                boolean control = Character.isISOControl(c) && c != '\n' && c != '\t' && c != '\r';
                if (control || (c >= '\u202a' && c <= '\u202e') || (c >= '\u2066' && c <= '\u2069')) {
                    throw Fault.invalid(
                            field, "'" + field + "' holds a control character at position " + i + "; leave it out.");
                }
            }
            return value;
        }
    },
    /** Ids that we made or that stand in the configuration. */
    ID {
        @Override
        public String check(String field, String value) {
            if (!IDENTIFIER.matcher(value).matches()) {
                throw Fault.invalid(field, "'" + field + "' must be an id: up to 128 letters, digits or . _ : -.");
            }
            return value;
        }
    },
    /** Addresses that people follow or that we call. */
    URL {
        @Override
        public String check(String field, String value) {
            try {
                URI uri = new URI(value);
                boolean web = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
                if (web && uri.getHost() != null && uri.getUserInfo() == null && value.length() <= LONGEST_URL) {
                    return value;
                }
            } catch (URISyntaxException e) {
                // Told below, with what is a URI and not one of ours.
            }
            throw Fault.invalid(
                    field, "'" + field + "' must be an http:// or https:// URL with a host and without a password.");
        }
    };

    private static final int LONGEST_TEXT = 4_000;
    private static final int LONGEST_URL = 2_000;
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._@/+-]{0,99}");
    private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:-]{0,127}");

    /**
     * The value itself.
     *
     * @throws Fault naming the field and what it may hold
     */
    public abstract String check(String field, String value);
}
