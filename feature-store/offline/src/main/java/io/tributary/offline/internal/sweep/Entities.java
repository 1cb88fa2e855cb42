package io.tributary.offline.internal.sweep;

import io.tributary.offline.internal.keys.Bytes;
import io.tributary.offline.internal.values.RowText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.array.ByteArrayMethods;
import org.apache.spark.unsafe.hash.Murmur3_x86_32;

/**
 * The entities at hand, each with a sweep of each view; reused from one hand to the next. For one
 * thread.
 */
final class Entities {
  /** One entity: its key and a sweep for each view. */
  static final class Entity {
    private final int number;
    private final List<ViewSweep> views;
    private final StructType keySchema;
    private byte[] key;

    private Entity(int number, List<ViewSweep> views, StructType keySchema) {
      this.number = number;
      this.views = views;
      this.keySchema = keySchema;
    }

    byte[] key() {
      return key;
    }

    /** Its place among those at hand. */
    int number() {
      return number;
    }

    ViewSweep view(int i) {
      return views.get(i);
    }

    /** All events are there. */
    void begin() {
      for (ViewSweep view : views) {
        view.begin();
      }
    }

    /** For messages. */
    @Override
    public String toString() {
      return RowText.of(Bytes.row(key, keySchema.size()), keySchema);
    }
  }

  /** The bytes of a key, wherever they are. */
  private static final class Place {
    private Object base;
    private long offset;
    private int size;
    private int hash;

    void set(Object base, long offset, int size) {
      this.base = base;
      this.offset = offset;
      this.size = size;
      this.hash = Murmur3_x86_32.hashUnsafeBytes(base, offset, size, 42);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Place p
          && p.size == size
          && ByteArrayMethods.arrayEquals(base, offset, p.base, p.offset, size);
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }

  private final List<CompiledView> compiled;
  private final StructType keySchema;
  private final Function<CompiledView, ViewSweep> sweeps;
  private final List<Entity> pool = new ArrayList<>();
  private final Map<Place, Entity> byKey = new HashMap<>();
  private final Place probe = new Place();

  /**
   * @param sweeps makes the sweep of a view
   */
  Entities(
      List<CompiledView> compiled, StructType keySchema, Function<CompiledView, ViewSweep> sweeps) {
    this.compiled = compiled;
    this.keySchema = keySchema;
    this.sweeps = sweeps;
  }

  void clear() {
    byKey.clear();
  }

  int size() {
    return byKey.size();
  }

  Entity get(int i) {
    return pool.get(i);
  }

  /** The entity of a key; without events if it is new. */
  Entity of(UnsafeRow key) {
    probe.set(key.getBaseObject(), key.getBaseOffset(), key.getSizeInBytes());
    Entity found = byKey.get(probe);
    return found == null ? add(Bytes.copy(key)) : found;
  }

  /** The entity of an event; without events if it is new. */
  Entity of(EventRow event) {
    Entity found = find(event);
    if (found != null) {
      return found;
    }
    byte[] key = new byte[event.keySize()];
    Platform.copyMemory(
        event.base(), event.keyOffset(), key, Platform.BYTE_ARRAY_OFFSET, key.length);
    return add(key);
  }

  /** The same, or null. Mostly one entity is at hand. */
  Entity find(EventRow event) {
    if (byKey.size() == 1) {
      Entity only = pool.get(0);
      boolean same =
          only.key.length == event.keySize()
              && ByteArrayMethods.arrayEquals(
                  event.base(),
                  event.keyOffset(),
                  only.key,
                  Platform.BYTE_ARRAY_OFFSET,
                  event.keySize());
      return same ? only : null;
    }
    probe.set(event.base(), event.keyOffset(), event.keySize());
    return byKey.get(probe);
  }

  private Entity add(byte[] key) {
    int number = byKey.size();
    if (number == pool.size()) {
      pool.add(new Entity(number, compiled.stream().map(sweeps).toList(), keySchema));
    }
    Entity entity = pool.get(number);
    entity.key = key;
    entity.views.forEach(view -> view.sweep().clear());
    Place place = new Place();
    place.set(key, Platform.BYTE_ARRAY_OFFSET, key.length);
    byKey.put(place, entity);
    return entity;
  }
}
