package dev.penstock.gateway.ops;

import dev.penstock.common.fault.Fault;
import dev.penstock.gateway.http.ClientAddress;
import dev.penstock.gateway.privacy.Privacy;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** One person's data: shown, made anonymous, erased. */
final class PrivacyOperations {
    /** Long enough that it cannot stand in a document by chance. */
    private static final Pattern SUBJECT = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N}._@/|:+-]{2,199}");

    private final Privacy privacy;

    PrivacyOperations(Privacy privacy) {
        this.privacy = privacy;
    }

    void register(Map<Operations, OperationHandler> handlers) {
        handlers.put(Operations.PRIVACY_EXPORT, this::export);
        handlers.put(Operations.PRIVACY_ANONYMISE, this::anonymise);
        handlers.put(Operations.PRIVACY_ERASE, this::erase);
    }

    private Future<Answer> export(OpsCall call) {
        String subject = subject(call);
        return privacy.export(subject, call.principal(), ClientAddress.of(call.request()), call.context())
                .map(found -> Answer.json(new JsonObject()
                        .put("subject", subject)
                        .put("tables", found.tables())
                        .put("redis", new JsonArray(found.redis()))
                        .put("audit", AuditOperations.entries(found.acts()))));
    }

    private Future<Answer> anonymise(OpsCall call) {
        call.body(Set.of());
        return privacy.anonymise(subject(call), call.principal(), ClientAddress.of(call.request()), call.context())
                .map(done -> Answer.empty(Map.of()));
    }

    private Future<Answer> erase(OpsCall call) {
        return privacy.erase(subject(call), call.principal(), ClientAddress.of(call.request()), call.context())
                .map(done -> Answer.empty(Map.of()));
    }

    private static String subject(OpsCall call) {
        String subject = call.pathParameter("subject");
        if (!SUBJECT.matcher(subject).matches()) {
            throw Fault.invalid("subject", "The subject must be the id of a user or of a key.");
        }
        return subject;
    }
}
