package dev.penstock.common.pool;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The values of affinity cookies. A value is 128 bits of an HMAC over pool and instance: it cannot be made up, tells
 * nothing of the network behind, and is the same on each gateway with the same secret. Guarded by its pool's lock.
 */
final class AffinityTokens {
    private static final int BYTES = 16;

    private final SecretKeySpec key;
    private final String pool;
    private Map<String, String> tokens = Map.of();
    private Map<String, String> instances = Map.of();

    AffinityTokens(String secret, String pool) {
        String prefixed = "penstock-affinity\n" + secret;
        this.key = new SecretKeySpec(prefixed.getBytes(StandardCharsets.UTF_8), "HmacSHA256");
        this.pool = pool;
    }

    void members(Collection<String> names) {
        Map<String, String> byName = new HashMap<>();
        Map<String, String> byToken = new HashMap<>();
        for (String name : names) {
            String known = tokens.get(name);
            String token = known != null ? known : sign(name);
            byName.put(name, token);
            byToken.put(token, name);
        }
        tokens = byName;
        instances = byToken;
    }

    @Nullable
    String token(String instance) {
        return tokens.get(instance);
    }

    /** The instance that a cookie names; null for one of another pool or secret, of an instance that left, or made up. */
    @Nullable
    String instance(String token) {
        return instances.get(token);
    }

    private String sign(String name) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            byte[] signature = mac.doFinal((pool + "\n" + name).getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(signature, BYTES));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }
}
