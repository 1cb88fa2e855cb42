package io.tributary.expression.internal;

import java.util.HexFormat;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.Cast$;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GetStructField;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import scala.Enumeration;
import scala.Product;
import scala.collection.Iterator;
import scala.collection.Seq;

/**
 * The resolved meaning of an expression as text: classes and their values, operands in the order in
 * which they are computed. Case, spaces, comments and aliases of functions vanish. Columns appear
 * as what {@code columns} says of them and never by position, so that a column added elsewhere
 * changes nothing. A kind of value that has no stable text is refused, never printed by identity.
 */
public final class IdentityText {
  private final UnaryOperator<String> columns;
  private final StringBuilder text = new StringBuilder();

  private IdentityText(UnaryOperator<String> columns) {
    this.columns = columns;
  }

  /**
   * @param columns lower-case column, or {@code column.field} → its identity
   */
  public static String of(Expression resolved, UnaryOperator<String> columns) {
    IdentityText identity = new IdentityText(columns);
    identity.append(resolved);
    return identity.text.toString();
  }

  private void append(Object part) {
    if (part instanceof AttributeReference column) {
      text.append('#').append(columns.apply(column.name().toLowerCase(Locale.ROOT)));
    } else if (part instanceof GetStructField field) {
      appendField(field);
    } else if (part instanceof Cast cast) {
      appendCast(cast);
    } else if (part instanceof DataType type) {
      text.append(CastFunctions.json(type));
    } else if (part instanceof String || part instanceof UTF8String) {
      text.append(part.toString().length()).append('"').append(part);
    } else if (part instanceof byte[] bytes) {
      text.append("0x").append(HexFormat.of().formatHex(bytes));
    } else if (part instanceof Class<?> type) {
      text.append(type.getName());
    } else if (isPlain(part)) {
      text.append(part);
    } else if (part instanceof Seq<?> seq) {
      appendAll("", seq.iterator());
    } else if (part instanceof Product product) {
      appendAll(product.getClass().getName(), product.productIterator());
    } else {
      throw new IllegalArgumentException(
          "it has no stable identity (" + part.getClass().getSimpleName() + ")");
    }
  }

  private static boolean isPlain(Object part) {
    return part == null
        || part instanceof Number
        || part instanceof Boolean
        || part instanceof Character
        || part instanceof Decimal
        || part instanceof Enumeration.Value;
  }

  private void appendAll(String name, Iterator<?> parts) {
    text.append(name).append('(');
    while (parts.hasNext()) {
      append(parts.next());
      text.append(',');
    }
    text.append(')');
  }

  private void appendField(GetStructField field) {
    String name = ((StructType) field.child().dataType()).fields()[field.ordinal()].name();
    if (field.child() instanceof AttributeReference column) {
      text.append('#').append(columns.apply((column.name() + "." + name).toLowerCase(Locale.ROOT)));
    } else {
      text.append("field(")
          .append(name.toLowerCase(Locale.ROOT))
          .append(' ')
          .append(CastFunctions.json(field.dataType()))
          .append(',');
      append(field.child());
      text.append(')');
    }
  }

  /** The analyser gives each cast a zone; most never look at it. */
  private void appendCast(Cast cast) {
    text.append("cast(");
    append(cast.child());
    text.append(',')
        .append(CastFunctions.json(cast.dataType()))
        .append(',')
        .append(cast.evalMode())
        .append(',');
    if (Cast$.MODULE$.needsTimeZone(cast.child().dataType(), cast.dataType())) {
      append(cast.timeZoneId());
    }
    text.append(')');
  }
}
