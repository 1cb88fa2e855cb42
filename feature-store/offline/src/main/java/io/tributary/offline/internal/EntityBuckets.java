package io.tributary.offline.internal;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructType;

/** The sweeps of the entities of one hash: nearly always one, reused from hash to hash. */
final class EntityBuckets {
  /** One entity: its key and a sweep for each view. */
  static final class Entity {
    private final List<ViewSweep> sweeps;
    private final StructType keySchema;
    private byte[] key;

    private Entity(List<ViewSweep> sweeps, StructType keySchema) {
      this.sweeps = sweeps;
      this.keySchema = keySchema;
    }

    /** For messages. */
    @Override
    public String toString() {
      return Rows.text(Bytes.row(key, keySchema.size()), keySchema);
    }

    byte[] key() {
      return key;
    }

    ViewSweep view(int number) {
      return sweeps.get(number);
    }

    List<ViewSweep> views() {
      return sweeps;
    }
  }

  private final List<ViewTask> tasks;
  private final StructType keySchema;
  private final boolean tracksNewest;
  private final List<Entity> pool = new ArrayList<>();
  private int used;

  EntityBuckets(List<ViewTask> tasks, StructType keySchema, boolean tracksNewest) {
    this.tasks = tasks;
    this.keySchema = keySchema;
    this.tracksNewest = tracksNewest;
  }

  /** The next hash begins. */
  void clear() {
    used = 0;
  }

  int size() {
    return used;
  }

  Entity get(int i) {
    return pool.get(i);
  }

  /** The entity whose key is that of a row's column; empty and added if it is new. */
  Entity of(UnsafeRow row, int column) {
    Entity found = find(row, column);
    return found == null ? add(row.getBinary(column)) : found;
  }

  /** The same, or null. */
  Entity find(UnsafeRow row, int column) {
    for (int i = 0; i < used; i++) {
      if (Bytes.equal(row, column, pool.get(i).key)) {
        return pool.get(i);
      }
    }
    return null;
  }

  private Entity add(byte[] key) {
    if (used == pool.size()) {
      pool.add(
          new Entity(
              tasks.stream()
                  .map(t -> tracksNewest ? ViewSweep.trackingNewest(t) : ViewSweep.of(t))
                  .toList(),
              keySchema));
    }
    Entity entity = pool.get(used++);
    entity.key = key;
    entity.sweeps.forEach(view -> view.sweep().clear());
    return entity;
  }
}
