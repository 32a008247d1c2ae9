# One image for all services: `docker run … penstock gateway`, `… cache`, `… batching`, `… monitor`, `… alert`.
# Built from the repository and Maven's registry alone; runs as a user without rights, with a read-only root if wanted.

# A Java runtime with what is used and no more; apart from the rest, since it changes with the JDK alone.
FROM maven:3.9-eclipse-temurin-25 AS java
RUN jlink --output /image/java \
      --add-modules java.base,java.desktop,java.instrument,java.logging,java.management,java.naming,java.net.http,java.security.jgss,java.security.sasl,java.sql,java.xml,jdk.crypto.ec,jdk.jcmd,jdk.jfr,jdk.management,jdk.naming.dns,jdk.net,jdk.unsupported,jdk.zipfs \
      --no-header-files --no-man-pages --compress zip-6 --generate-cds-archive

FROM maven:3.9-eclipse-temurin-25 AS build
WORKDIR /build

# First what changes seldom: the build files alone make Maven fetch all that it will need, in a layer that stays.
# The interface lets the compiler's plug-ins be fetched too.
COPY pom.xml ./
COPY common/pom.xml common/
COPY sandbox/pom.xml sandbox/
COPY embedded/pom.xml embedded/
COPY testkit/pom.xml testkit/
COPY dashboard/pom.xml dashboard/
COPY gateway/pom.xml gateway/
COPY cache-service/pom.xml cache-service/
COPY batching-service/pom.xml batching-service/
COPY monitor-service/pom.xml monitor-service/
COPY alert-service/pom.xml alert-service/
COPY standalone/pom.xml standalone/
COPY benchmarks/pom.xml benchmarks/
RUN mkdir -p common/src/main/java/warm \
 && echo 'package warm; interface Warm {}' > common/src/main/java/warm/Warm.java \
 && mvn -B -ntp -q -pl standalone -am -Dmaven.test.skip=true package \
 && rm -rf common/src ./*/target

COPY . .
RUN mvn -B -ntp -q -pl standalone -am -Dmaven.test.skip=true package

# Without the servers that `penstock up` brings along: in containers they are given by URL.
RUN mkdir -p /image/opt/penstock/bin \
 && cp standalone/target/penstock.jar /image/opt/penstock/ \
 && cp -R standalone/target/lib /image/opt/penstock/lib \
 && rm -f /image/opt/penstock/lib/embedded-postgres-binaries-*.jar /image/opt/penstock/lib/embedded-redis-*.jar \
 && cp deploy/image/penstock deploy/image/healthcheck /image/opt/penstock/bin/ \
 && chmod 755 /image/opt/penstock/bin/*

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="Penstock" \
      org.opencontainers.image.description="Self-hosted gateway for AI models and HTTP services" \
      org.opencontainers.image.licenses="Apache-2.0"

# /data holds spools and what a process keeps for itself; a volume takes its owner from here.
RUN groupadd --system --gid 10001 penstock \
 && useradd --system --uid 10001 --gid penstock --no-create-home --home-dir /data --shell /usr/sbin/nologin penstock \
 && mkdir -p /data /etc/penstock \
 && chown penstock:penstock /data && chmod 700 /data
COPY --from=java /image/java /opt/java
COPY --from=build /image/opt/penstock /opt/penstock

ENV JAVA_HOME=/opt/java \
    PATH=/opt/penstock/bin:/opt/java/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    LANG=C.UTF-8 \
    PENSTOCK_DATA=/data \
    PENSTOCK_SERVER_HOST=0.0.0.0 \
    PENSTOCK_SERVER_MANAGEMENT_HOST=0.0.0.0
USER 10001:10001
WORKDIR /data
VOLUME /data
# 8080 callers (gateway only), 9464 metrics and health, 5701 cluster
EXPOSE 8080 9464 5701
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=180s --retries=3 CMD ["healthcheck"]
ENTRYPOINT ["penstock"]
CMD ["--help"]
