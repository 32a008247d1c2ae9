package dev.penstock.benchmarks.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** nginx as a plain reverse proxy with one worker and kept-alive connections to the backend. */
public final class Nginx implements AutoCloseable {
    private static final long START_SECONDS = 10;

    private final Child process;
    private final int port;

    private Nginx(Child process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Whether there is one on this machine. */
    public static boolean installed() {
        return Cores.found("nginx");
    }

    static Nginx start(Path folder, Cores cores, int backend) throws IOException {
        int port = Ports.free();
        Path home = Files.createDirectories(folder.resolve("nginx"));
        Path config = home.resolve("nginx.conf");
        Files.writeString(config, config(home, port, backend));
        List<String> command = new ArrayList<>(cores.server());
        command.addAll(List.of("nginx", "-p", home.toString(), "-c", config.toString(), "-e", "stderr"));
        Child child = Child.start(command, Map.of(), folder.resolve("nginx.log"));
        try {
            child.awaitPort(port, START_SECONDS);
        } catch (IOException e) {
            child.close();
            throw e;
        }
        return new Nginx(child, port);
    }

    public int port() {
        return port;
    }

    ProcessHandle handle() {
        return process.handle();
    }

    @Override
    public void close() {
        process.close();
    }

    private static String config(Path home, int port, int backend) {
        return """
            daemon off;
            worker_processes 1;
            pid %1$s/nginx.pid;
            error_log stderr warn;
            events { worker_connections 4096; }
            http {
              access_log off;
              client_body_temp_path %1$s/body;
              proxy_temp_path %1$s/proxy;
              fastcgi_temp_path %1$s/fastcgi;
              uwsgi_temp_path %1$s/uwsgi;
              scgi_temp_path %1$s/scgi;
              keepalive_requests 100000000;
              upstream backend {
                server 127.0.0.1:%3$d;
                keepalive 256;
                keepalive_requests 100000000;
              }
              server {
                listen 127.0.0.1:%2$d;
                location / {
                  proxy_pass http://backend;
                  proxy_http_version 1.1;
                  proxy_set_header Connection "";
                }
              }
            }
            """.formatted(home, port, backend);
    }
}
