package dev.penstock.monitor.policy;

import dev.penstock.common.contract.MonitorContract.Series;
import dev.penstock.common.telemetry.Sketches;
import dev.penstock.common.unit.Bytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;

/** The stored form of a slot: a version byte, then counts, gauges and sketches, each with its series. */
public final class SlotCodec {
    private static final int VERSION = 1;
    private static final int MAX_ENTRIES = 20_000;

    private SlotCodec() {}

    public static byte[] encode(Slot slot) {
        var bytes = new ByteArrayOutputStream(4096);
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeLong(slot.startMillis());
            out.writeInt(slot.counts().size());
            for (var entry : slot.counts().entrySet()) {
                writeSeries(out, entry.getKey());
                out.writeLong(entry.getValue());
            }
            out.writeInt(slot.gauges().size());
            for (var entry : slot.gauges().entrySet()) {
                writeSeries(out, entry.getKey());
                out.writeDouble(entry.getValue());
            }
            out.writeInt(slot.sketches().size());
            for (var entry : slot.sketches().entrySet()) {
                writeSeries(out, entry.getKey());
                byte[] sketch = Sketches.encode(entry.getValue()).unsafeArray();
                out.writeInt(sketch.length);
                out.write(sketch);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail", e);
        }
        return bytes.toByteArray();
    }

    /** @throws IllegalArgumentException for bytes that are not a stored slot of this version */
    public static Slot decode(byte[] bytes) {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int version = in.readByte();
            if (version != VERSION) {
                throw new IllegalArgumentException("a slot of version " + version);
            }
            Slot slot = new Slot(in.readLong());
            for (int left = size(in); left > 0; left--) {
                slot.counts().put(readSeries(in), in.readLong());
            }
            for (int left = size(in); left > 0; left--) {
                slot.gauges().put(readSeries(in), in.readDouble());
            }
            for (int left = size(in); left > 0; left--) {
                Series series = readSeries(in);
                slot.sketches().put(series, Sketches.decode(Bytes.of(in.readNBytes(in.readInt()))));
            }
            return slot;
        } catch (IOException e) {
            throw new IllegalArgumentException("not a stored slot", e);
        }
    }

    private static int size(DataInputStream in) throws IOException {
        int size = in.readInt();
        if (size < 0 || size > MAX_ENTRIES) {
            throw new IllegalArgumentException("not a stored slot: " + size + " series");
        }
        return size;
    }

    private static void writeSeries(DataOutputStream out, Series series) throws IOException {
        out.writeUTF(series.name());
        out.writeByte(series.labels().size());
        for (var label : series.labels().entrySet()) {
            out.writeUTF(label.getKey());
            out.writeUTF(label.getValue());
        }
    }

    private static Series readSeries(DataInputStream in) throws IOException {
        String name = in.readUTF();
        Map<String, String> labels = new HashMap<>();
        for (int left = in.readByte(); left > 0; left--) {
            labels.put(in.readUTF(), in.readUTF());
        }
        return new Series(name, labels);
    }
}
