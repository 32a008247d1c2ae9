package dev.penstock.gateway.route;

import dev.penstock.common.fault.Fault;
import io.vertx.json.schema.OutputUnit;
import java.util.List;

/** What a schema's verdict means for the caller: the place as a JSON pointer, and the rule. */
final class Violations {
    private static final int LONGEST = 500;

    private Violations() {}

    static Fault fault(OutputUnit verdict) {
        OutputUnit worst = deepest(verdict);
        String at = worst.getInstanceLocation() == null ? "" : worst.getInstanceLocation();
        String pointer = at.startsWith("#") ? at.substring(1) : at;
        String keyword = worst.getKeywordLocation() == null ? "" : worst.getKeywordLocation();
        String rule = keyword.substring(keyword.lastIndexOf('/') + 1);
        String error = worst.getError() == null ? "it does not match" : worst.getError();
        String message = "The body breaks the rule '" + rule + "' at '" + (pointer.isEmpty() ? "/" : pointer) + "': "
                + error + ".";
        return Fault.invalid(
                pointer.isEmpty() ? "/" : pointer,
                message.length() > LONGEST ? message.substring(0, LONGEST) + "…" : message);
    }

    /** The innermost error says most: the others only say that something inside is wrong. */
    private static OutputUnit deepest(OutputUnit verdict) {
        OutputUnit worst = verdict;
        int depth = -1;
        List<OutputUnit> errors = verdict.getErrors();
        if (errors != null) {
            for (OutputUnit error : errors) {
                String at = error.getKeywordLocation();
                int deep =
                        at == null ? 0 : (int) at.chars().filter(c -> c == '/').count();
                if (deep > depth) {
                    worst = error;
                    depth = deep;
                }
            }
        }
        return worst;
    }
}
