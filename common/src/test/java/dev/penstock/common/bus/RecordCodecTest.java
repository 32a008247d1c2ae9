package dev.penstock.common.bus;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.common.contract.CacheContract;
import dev.penstock.common.contract.CacheContract.CacheKey;
import dev.penstock.common.contract.CacheContract.CacheType;
import dev.penstock.common.contract.CacheContract.Join;
import dev.penstock.common.contract.CacheContract.Lead;
import dev.penstock.common.contract.CacheContract.LookupReply;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RecordCodecTest {
    private static final ObjectMapper MAPPER = WireMapper.create();

    static Stream<Class<?>> messages() {
        return ContractTypes.all().stream();
    }

    @ParameterizedTest
    @MethodSource("messages")
    void everyMessageOfEveryContractSurvivesTheWire(Class<?> type) throws Exception {
        Object message = SampleRecords.of(type);

        Object copy = roundTrip(type, message);

        assertThat(copy).usingRecursiveComparison().isEqualTo(message);
    }

    @Test
    void outcomesOfDifferentKindsKeepTheirKindInOneReply() {
        var reply = new LookupReply(List.of(new Lead(4), new Join(5)), 9);

        assertThat(roundTrip(LookupReply.class, reply)).isEqualTo(reply);
    }

    @Test
    void aReaderSkipsComponentsThatANewerVersionAdded() throws Exception {
        byte[] newer = MAPPER.writeValueAsBytes(
                Map.of("tenant", "t", "type", "HTTP", "high", 1, "low", 2, "addedLater", Map.of("x", 1)));

        CacheKey key = MAPPER.readValue(newer, CacheKey.class);

        assertThat(key).isEqualTo(new CacheKey("t", CacheType.HTTP, 1, 2));
    }

    @Test
    void messagesAreFoundThroughNestedSealedTypes() {
        assertThat(ContractTypes.all())
                .contains(CacheContract.Lead.class, CacheContract.Promoted.class, FaultReply.class);
    }

    private static <T> Object roundTrip(Class<T> type, Object message) {
        var codec = new RecordCodec<>(type, MAPPER);
        Buffer wire = Buffer.buffer("before");
        codec.encodeToWire(wire, type.cast(message));
        return codec.decodeFromWire("before".length(), wire);
    }
}
