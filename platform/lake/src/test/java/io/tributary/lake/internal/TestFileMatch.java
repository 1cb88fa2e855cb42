package io.tributary.lake.internal;

import static io.tributary.lake.internal.FileMatch.ALL;
import static io.tributary.lake.internal.FileMatch.NONE;
import static io.tributary.lake.internal.FileMatch.SOME;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.EqualTo;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GreaterThan;
import org.apache.spark.sql.catalyst.expressions.GreaterThanOrEqual;
import org.apache.spark.sql.catalyst.expressions.IsNotNull;
import org.apache.spark.sql.catalyst.expressions.LessThan;
import org.apache.spark.sql.catalyst.expressions.LessThanOrEqual;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.Or;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;
import scala.collection.JavaConverters;

class TestFileMatch {
  private static final String STATS =
      "{\"numRecords\":10,\"minValues\":{\"n\":5,\"t\":\"2013-01-01T00:00:00.000Z\",\"s\":\"b\",\"d\":\"2013-01-01\",\"h\":1},"
          + "\"maxValues\":{\"n\":9,\"t\":\"2013-01-01T23:59:59.999Z\",\"s\":\"d\",\"d\":\"2013-01-03\",\"h\":2},"
          + "\"nullCount\":{\"n\":0,\"t\":0,\"s\":0,\"d\":0,\"h\":3,\"z\":10}}";
  private static final long DAY = 86_400_000_000L;
  private static final long START = 1_356_998_400_000_000L;

  private final Expression n = column("n", DataTypes.LongType);
  private final Expression t = column("t", DataTypes.TimestampType);

  @Test
  void comparisonsGoByTheBounds() {
    assertThat(match(new LessThan(n, of(5)))).isEqualTo(NONE);
    assertThat(match(new LessThan(n, of(6)))).isEqualTo(SOME);
    assertThat(match(new LessThan(n, of(9)))).isEqualTo(SOME);
    assertThat(match(new LessThan(n, of(10)))).isEqualTo(ALL);
    assertThat(match(new LessThanOrEqual(n, of(4)))).isEqualTo(NONE);
    assertThat(match(new LessThanOrEqual(n, of(9)))).isEqualTo(ALL);
    assertThat(match(new GreaterThan(n, of(9)))).isEqualTo(NONE);
    assertThat(match(new GreaterThan(n, of(4)))).isEqualTo(ALL);
    assertThat(match(new GreaterThanOrEqual(n, of(10)))).isEqualTo(NONE);
    assertThat(match(new GreaterThanOrEqual(n, of(5)))).isEqualTo(ALL);
    assertThat(match(new EqualTo(n, of(10)))).isEqualTo(NONE);
    assertThat(match(new EqualTo(n, of(5)))).isEqualTo(SOME);
  }

  @Test
  void aConstantOnTheLeftIsTheSameComparison() {
    assertThat(match(new GreaterThan(of(5), n))).isEqualTo(NONE);
    assertThat(match(new LessThanOrEqual(of(5), n))).isEqualTo(ALL);
    assertThat(match(new LessThan(of(9), n))).isEqualTo(NONE);
    assertThat(match(new GreaterThanOrEqual(of(9), n))).isEqualTo(ALL);
  }

  @Test
  void timestampsAreCutToMillisecondsInTheStatistics() {
    // The greatest value may be any microsecond of 23:59:59.999.
    assertThat(match(new LessThan(t, time(START + DAY)))).isEqualTo(ALL);
    assertThat(match(new LessThan(t, time(START + DAY - 1)))).isEqualTo(SOME);
    assertThat(match(new GreaterThanOrEqual(t, time(START + DAY - 1)))).isEqualTo(SOME);
    assertThat(match(new GreaterThanOrEqual(t, time(START + DAY)))).isEqualTo(NONE);
    assertThat(match(new GreaterThanOrEqual(t, time(START)))).isEqualTo(ALL);
    assertThat(match(new GreaterThan(t, time(START)))).isEqualTo(SOME);
  }

  @Test
  void falseIsTrueForNoRow() {
    assertThat(match(Literal.FalseLiteral())).isEqualTo(NONE);
  }

  @Test
  void conjunctionsAreWhatTheirPartsAre() {
    Expression all = new GreaterThan(n, of(0));
    Expression some = new GreaterThan(n, of(6));
    Expression none = new GreaterThan(n, of(20));

    assertThat(match(new And(all, all))).isEqualTo(ALL);
    assertThat(match(new And(all, some))).isEqualTo(SOME);
    assertThat(match(new And(some, none))).isEqualTo(NONE);
  }

  @Test
  void nullsMatchNothing() {
    Expression h = column("h", DataTypes.IntegerType);
    Expression z = column("z", DataTypes.IntegerType);

    assertThat(match(new GreaterThan(h, Literal.create(0, DataTypes.IntegerType)))).isEqualTo(SOME);
    assertThat(match(new IsNotNull(h))).isEqualTo(SOME);
    assertThat(match(new IsNotNull(n))).isEqualTo(ALL);
    assertThat(match(new IsNotNull(z))).isEqualTo(NONE);
    assertThat(match(new EqualTo(z, Literal.create(1, DataTypes.IntegerType)))).isEqualTo(NONE);
    assertThat(match(new LessThan(n, Literal.create(null, DataTypes.LongType)))).isEqualTo(SOME);
  }

  @Test
  void stringsAndDatesAreBounded() {
    Expression s = column("s", DataTypes.StringType);
    Expression d = column("d", DataTypes.DateType);

    assertThat(match(new EqualTo(s, text("a")))).isEqualTo(NONE);
    assertThat(match(new EqualTo(s, text("c")))).isEqualTo(SOME);
    assertThat(match(new LessThan(s, text("e")))).isEqualTo(ALL);
    assertThat(match(new LessThan(d, Literal.create(15_706, DataTypes.DateType)))).isEqualTo(NONE);
    assertThat(match(new LessThan(d, Literal.create(15_709, DataTypes.DateType)))).isEqualTo(ALL);
  }

  @Test
  void whatIsNotUnderstoodMayMatch() {
    Expression none = new GreaterThan(n, of(20));

    assertThat(match(new Or(none, none))).isEqualTo(SOME);
    assertThat(match(new GreaterThan(column("other", DataTypes.LongType), of(20)))).isEqualTo(SOME);
    assertThat(FileMatch.of(none, null)).isEqualTo(SOME);
    assertThat(FileMatch.of(none, "{")).isEqualTo(SOME);
    assertThat(FileMatch.of(none, "{\"numRecords\":3}")).isEqualTo(SOME);
  }

  @Test
  void rowsOfAnInstantAreInFilesAroundIt() {
    assertThat(at("2012-12-31T23:59:59.999999Z")).isEqualTo(NONE);
    assertThat(at("2013-01-01T00:00:00Z")).isEqualTo(SOME);
    // The log has milliseconds.
    assertThat(at("2013-01-01T23:59:59.999999Z")).isEqualTo(SOME);
    assertThat(at("2013-01-02T00:00:00Z")).isEqualTo(NONE);
    assertThat(FileMatch.of("other", Instant.EPOCH, STATS)).isEqualTo(SOME);
    assertThat(FileMatch.of("t", Instant.EPOCH, null)).isEqualTo(SOME);
    assertThat(FileMatch.of("t", Instant.EPOCH, "{")).isEqualTo(SOME);
  }

  private static FileMatch at(String instant) {
    return FileMatch.of("t", Instant.parse(instant), STATS);
  }

  private static FileMatch match(Expression predicate) {
    return FileMatch.of(predicate, STATS);
  }

  private static Expression column(String name, DataType type) {
    return new AttributeReference(
        name,
        type,
        true,
        Metadata.empty(),
        NamedExpression.newExprId(),
        JavaConverters.asScalaBuffer(List.<String>of()).toSeq());
  }

  private static Literal of(long value) {
    return Literal.create(value, DataTypes.LongType);
  }

  private static Literal time(long micros) {
    return Literal.create(micros, DataTypes.TimestampType);
  }

  private static Literal text(String value) {
    return Literal.create(UTF8String.fromString(value), DataTypes.StringType);
  }
}
