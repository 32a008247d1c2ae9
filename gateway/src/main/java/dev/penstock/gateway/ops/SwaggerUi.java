package dev.penstock.gateway.ops;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** Which Swagger UI is on the classpath: its files lie in a folder of that name. */
final class SwaggerUi {
    static final String VERSION = version();

    private SwaggerUi() {}

    private static String version() {
        String file = "/META-INF/maven/org.webjars/swagger-ui/pom.properties";
        try (InputStream in = SwaggerUi.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("Swagger UI is not on the classpath");
            }
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("version");
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }
}
