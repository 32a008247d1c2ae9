package dev.penstock.gateway.money.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The tags that a request's cost is counted under: those of its key and those of {@code X-Penstock-Tag}. Pure. */
public final class CostTags {
    /** Tags of one request. */
    public static final int MOST = 8;

    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/@=-]{0,63}");

    private CostTags() {}

    /**
     * @param header comma-separated; null where there is none
     * @return without repetitions, the key's first
     * @throws IllegalArgumentException with a sentence for the caller
     */
    public static List<String> of(List<String> ofKey, @Nullable String header) {
        if (header == null) {
            return ofKey;
        }
        List<String> tags = new ArrayList<>(ofKey);
        for (String part : header.split(",", MOST + 2)) {
            String tag = part.strip();
            if (!TAG.matcher(tag).matches()) {
                throw new IllegalArgumentException(
                        "X-Penstock-Tag takes tags of up to 64 letters, digits and . _ : / @ = -, separated by commas.");
            }
            if (!tags.contains(tag)) {
                tags.add(tag);
            }
        }
        if (tags.size() > MOST) {
            throw new IllegalArgumentException(
                    "X-Penstock-Tag: a request has at most " + MOST + " tags, those of its key included.");
        }
        return List.copyOf(tags);
    }
}
