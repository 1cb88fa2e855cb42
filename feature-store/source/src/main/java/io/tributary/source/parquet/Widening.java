package io.tributary.source.parquet;

import io.tributary.lake.LosslessCast;
import io.tributary.source.cell.CellParser;
import io.tributary.source.cell.CellParser.BadCell;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Optional;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.unsafe.types.UTF8String;

/** The step from a stored type to a contract's that can hold every one of its values. */
abstract class Widening {
  private Widening() {}

  /**
   * A value, not null, as the engine keeps it, in the contract's type.
   *
   * @throws BadCell when it is none after all
   */
  public abstract Object apply(Object value) throws BadCell;

  /** How many local times did not exist or existed twice. */
  public long shiftedTimes() {
    return 0;
  }

  /**
   * The step from one type to another; empty where values could be lost.
   *
   * @param zone what local times mean
   */
  public static Optional<Widening> of(DataType from, DataType to, ZoneId zone) {
    if (to instanceof StringType && from instanceof StringType) {
      return Optional.of(new Texts());
    }
    if (from.catalogString().equals(to.catalogString())) {
      return Optional.of(step(v -> v));
    }
    if (to instanceof TimestampType && from instanceof TimestampNTZType) {
      return Optional.of(new LocalTimes(zone));
    }
    if (!LosslessCast.allows(from, to)) {
      return Optional.empty();
    }
    if (to instanceof DecimalType d) {
      return Optional.of(
          from instanceof DecimalType
              ? step(v -> decimal(((Decimal) v).toJavaBigDecimal(), d))
              : step(v -> decimal(java.math.BigDecimal.valueOf(((Number) v).longValue()), d)));
    }
    if (to instanceof DoubleType) {
      return Optional.of(step(v -> ((Number) v).doubleValue()));
    }
    if (to.equals(DataTypes.LongType)) {
      return Optional.of(step(v -> ((Number) v).longValue()));
    }
    return Optional.of(
        to.equals(DataTypes.IntegerType)
            ? step(v -> ((Number) v).intValue())
            : step(v -> ((Number) v).shortValue()));
  }

  private static Decimal decimal(java.math.BigDecimal value, DecimalType type) {
    return Decimal.apply(value.setScale(type.scale()), type.precision(), type.scale());
  }

  private interface Step {
    Object of(Object value);
  }

  private static Widening step(Step step) {
    return new Widening() {
      @Override
      public Object apply(Object value) {
        return step.of(value);
      }
    };
  }

  private static final class Texts extends Widening {
    @Override
    public Object apply(Object value) throws BadCell {
      byte[] bytes = ((UTF8String) value).getBytes();
      for (byte b : bytes) {
        if (b < 0) {
          try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return value;
          } catch (CharacterCodingException e) {
            throw new BadCell(CellParser.shown(value.toString()) + " is no UTF-8");
          }
        }
      }
      return value;
    }
  }

  private static final class LocalTimes extends Widening {
    private static final long MICROS = 1_000_000L;
    private final ZoneId zone;
    private long shifted;

    LocalTimes(ZoneId zone) {
      this.zone = zone;
    }

    @Override
    public Object apply(Object value) {
      long micros = (Long) value;
      LocalDateTime at =
          LocalDateTime.ofEpochSecond(Math.floorDiv(micros, MICROS), 0, ZoneOffset.UTC);
      if (zone.getRules().getValidOffsets(at).size() != 1) {
        shifted++;
      }
      return ZonedDateTime.ofLocal(at, zone, null).toEpochSecond() * MICROS
          + Math.floorMod(micros, MICROS);
    }

    @Override
    public long shiftedTimes() {
      return shifted;
    }
  }
}
