package io.tributary.expression;

import static io.tributary.expression.Rows.named;
import static io.tributary.expression.Rows.row;
import static io.tributary.expression.Rows.schema;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class TestRowFunction {
  private static final StructType INPUT = schema("_line bigint, s string, d int");
  private static final RowExpressions EXPRESSIONS =
      RowExpressions.compile(
          named("n", "cast(s as int)", "twice", "n * 2", "q", "10 div d"),
          schema("s string, d int"),
          ZoneId.of("UTC"));

  private static List<String> texts(RowFunction function, InternalRow... rows) throws Exception {
    RowFunction travelled = travelled(function);
    UnsafeProjection copy = UnsafeProjection.create(travelled.schema());
    List<String> texts = new ArrayList<>();
    for (Iterator<InternalRow> i = travelled.apply(List.of(rows).iterator()); i.hasNext(); ) {
      texts.add(copy.apply(i.next()).copy().toSeq(travelled.schema()).mkString("|"));
    }
    return texts;
  }

  private static RowFunction travelled(RowFunction function) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(function);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (RowFunction) in.readObject();
    }
  }

  @Test
  void keepsFailingRowsWithAllReasonsApartFromGoodOnes() throws Exception {
    RowFunction function = RowFunction.keepingFailures(EXPRESSIONS.withInput().over(INPUT));

    assertThat(function.schema().catalogString())
        .isEqualTo(
            "struct<_line:bigint,s:string,d:int,n:int,twice:int,q:bigint,_failures:array<struct<expression:string,reason:string>>>");
    List<String> rows =
        texts(function, row(1L, "4", 5), row(2L, "x", 0), row(3L, "5", 0), row(4L, null, 2));
    assertThat(rows.get(0)).isEqualTo("1|4|5|4|8|2|null");
    assertThat(rows.get(1))
        .startsWith("2|x|0|null|null|null|")
        .isNotEqualTo("2|x|0|null|null|null|null");
    assertThat(rows.get(2))
        .startsWith("3|5|0|null|null|null|")
        .isNotEqualTo("3|5|0|null|null|null|null");
    assertThat(rows.get(3)).isEqualTo("4|null|2|null|null|5|null");

    Iterator<InternalRow> out = function.apply(List.of(row(2L, "x", 0)).iterator());
    var failures = out.next().getArray(6);
    assertThat(failures.numElements()).isEqualTo(2);
    assertThat(failures.getStruct(0, 2).getUTF8String(0).toString()).isEqualTo("n");
    assertThat(failures.getStruct(1, 2).getUTF8String(0).toString()).isEqualTo("q");
    assertThat(failures.getStruct(1, 2).getUTF8String(1).toString()).startsWith("Division by zero");
  }

  @Test
  void stopsAtAFailingRowWhereNoneIsExpected() throws Exception {
    RowFunction function = RowFunction.of(EXPRESSIONS, "view v@1");

    assertThat(texts(function, row("4", 5))).containsExactly("4|8|2");
    assertThatThrownBy(() -> texts(function, row("4", 5), row("4", 0)))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_VALUE))
        .hasMessageStartingWith("Cannot compute view v@1: q: Division by zero");
  }

  @Test
  void keepsTheRowsForWhichAConditionIsTrue() throws Exception {
    RowExpressions condition =
        RowExpressions.compile(named("_where", "d > 2"), INPUT, ZoneId.of("UTC"));

    assertThat(
            texts(
                RowFunction.filter(condition, "source s"),
                row(1L, "a", 1),
                row(2L, "b", 3),
                row(3L, "c", null),
                row(4L, "d", 4)))
        .containsExactly("2|b|3", "4|d|4");
    assertThatThrownBy(() -> RowFunction.filter(EXPRESSIONS, "source s"))
        .hasMessageStartingWith(
            "Cannot filter source s: a condition is one boolean column, not struct<n:int");
  }
}
