package dev.penstock.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

/**
 * A self-signed certificate for localhost, 127.0.0.1 and its key, made by the JDK's own tool. It is its own authority.
 *
 * @param certificate PEM file
 * @param key PEM file, PKCS#8
 */
public record TestCertificate(Path certificate, Path key) {
    private static final char[] PASSWORD = "changeit".toCharArray();
    private static final int PATIENCE_SECONDS = 60;

    /** Writes {@code NAME.pem} and {@code NAME-key.pem} into the folder; the subject is {@code CN=NAME}. Blocks. */
    public static TestCertificate make(Path folder, String name) {
        try {
            Path store = folder.resolve(name + ".p12");
            Files.deleteIfExists(store);
            keytool(store, name);
            KeyStore loaded = KeyStore.getInstance(store.toFile(), PASSWORD);
            Path certificate = folder.resolve(name + ".pem");
            Path key = folder.resolve(name + "-key.pem");
            pem("CERTIFICATE", loaded.getCertificate("a").getEncoded(), certificate);
            pem("PRIVATE KEY", loaded.getKey("a", PASSWORD).getEncoded(), key);
            return new TestCertificate(certificate, key);
        } catch (IOException | GeneralSecurityException e) {
            throw new AssertionError("cannot make a certificate", e);
        }
    }

    private static void keytool(Path store, String name) throws IOException {
        String tool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        String[] command = {
            tool,
            "-genkeypair",
            "-alias",
            "a",
            "-keyalg",
            "EC",
            "-groupname",
            "secp256r1",
            "-validity",
            "2",
            "-dname",
            "CN=" + name,
            "-ext",
            "SAN=dns:localhost,ip:127.0.0.1",
            "-storetype",
            "PKCS12",
            "-keystore",
            store.toString(),
            "-storepass",
            new String(PASSWORD)
        };
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new AssertionError("keytool failed: " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static void pem(String label, byte[] der, Path file) throws IOException {
        String text = "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label + "-----\n";
        Files.writeString(file, text);
    }
}
