package dev.penstock.common.bus;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.AnnotatedClass;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import com.fasterxml.jackson.databind.jsontype.TypeResolverBuilder;
import com.fasterxml.jackson.databind.jsontype.impl.StdTypeResolverBuilder;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.penstock.common.unit.Bytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Messages between processes are CBOR (RFC 8949): compact, bytes stay bytes, and a reader skips components that it does
 * not know and takes null or zero for those that are missing, so that neighbouring versions understand each other.
 *
 * <p>A component whose type is a sealed interface carries the record's simple name in {@code @t}.
 */
final class WireMapper {
    private WireMapper() {}

    static ObjectMapper create() {
        var bytes = new SimpleModule("penstock");
        bytes.addSerializer(Bytes.class, new BytesSerializer());
        bytes.addDeserializer(Bytes.class, new BytesDeserializer());
        return CBORMapper.builder()
                .addModule(new JavaTimeModule())
                .addModule(bytes)
                .annotationIntrospector(new SealedTypes())
                .serializationInclusion(JsonInclude.Include.NON_NULL)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
                .enable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .enable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
                .build();
    }

    /** Names the permitted records of a sealed interface, however deep. */
    private static final class SealedTypes extends JacksonAnnotationIntrospector {
        private static final long serialVersionUID = 1;

        @Override
        public @Nullable TypeResolverBuilder<?> findTypeResolver(
                MapperConfig<?> config, AnnotatedClass type, JavaType baseType) {
            if (!type.getRawType().isInterface() || !type.getRawType().isSealed()) {
                return super.findTypeResolver(config, type, baseType);
            }
            return new StdTypeResolverBuilder()
                    .init(JsonTypeInfo.Id.NAME, null)
                    .inclusion(JsonTypeInfo.As.PROPERTY)
                    .typeProperty("@t");
        }

        @Override
        public @Nullable List<NamedType> findSubtypes(Annotated annotated) {
            Class<?> type = annotated.getRawType();
            if (!type.isSealed()) {
                return super.findSubtypes(annotated);
            }
            List<NamedType> found = new ArrayList<>();
            for (Class<?> permitted : ContractTypes.records(type)) {
                found.add(new NamedType(permitted, permitted.getSimpleName()));
            }
            return found;
        }
    }

    private static final class BytesSerializer extends StdSerializer<Bytes> {
        private static final long serialVersionUID = 1;

        BytesSerializer() {
            super(Bytes.class);
        }

        @Override
        public void serialize(Bytes value, JsonGenerator out, SerializerProvider provider) throws IOException {
            out.writeBinary(value.unsafeArray());
        }
    }

    private static final class BytesDeserializer extends StdDeserializer<Bytes> {
        private static final long serialVersionUID = 1;

        BytesDeserializer() {
            super(Bytes.class);
        }

        @Override
        public Bytes deserialize(JsonParser in, DeserializationContext context) throws IOException {
            return Bytes.of(in.getBinaryValue());
        }
    }
}
