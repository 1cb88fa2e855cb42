package io.tributary.expression;

import io.tributary.core.Digest;
import io.tributary.core.Lazy;
import io.tributary.definition.Derivation;
import io.tributary.expression.KeptExpressions.Kept;
import io.tributary.expression.internal.CastFunctions;
import io.tributary.expression.internal.Catalyst;
import io.tributary.expression.internal.IdentityText;
import io.tributary.expression.internal.Screening;
import io.tributary.expression.internal.Step;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DayTimeIntervalType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.YearMonthIntervalType;

/** Resolves named expressions one after the other; each may use the ones before it. */
public final class ExpressionResolver {
  /** What is kept of false. */
  private static final Lazy<Kept> FALSE =
      Lazy.of(
          () ->
              new Kept(
                  DataTypes.BooleanType,
                  Set.of(),
                  Set.of(),
                  SqlDialect.version()
                      + " "
                      + IdentityText.of(Literal.FalseLiteral(), column -> column)));

  private static final Pattern QUOTED = Pattern.compile("`(\\w+)`");

  private final StructType input;
  private final SqlDialect profile;
  private final Map<String, String> identities;
  private final List<ResolvedExpression> named = new ArrayList<>();
  private final Map<String, ResolvedExpression> visible = new HashMap<>();
  private final KeptExpressions kept;
  private Scope scope;
  private String before;

  /**
   * @param identities lower-case input column, or {@code column.field} → its identity; those not
   *     there are their name and type
   */
  public ExpressionResolver(Scope input, SqlDialect profile, Map<String, String> identities) {
    this(input, profile, identities, KeptExpressions.none());
  }

  /**
   * The same beside what earlier processes resolved.
   *
   * @param kept is asked first, and keeps what it did not have
   */
  public ExpressionResolver(
      Scope input, SqlDialect profile, Map<String, String> identities, KeptExpressions kept) {
    this.input = input.schema();
    this.scope = input;
    this.profile = profile;
    this.identities = identities;
    this.kept = kept;
    this.before = beginning();
  }

  /** What decides about the first expression beside its text. */
  private String beginning() {
    StringBuilder all = new StringBuilder();
    all.append(profile.zone()).append(' ').append(profile.division()).append('\n');
    for (StructField column : scope.columns()) {
      append(all, column.name());
      append(all, Types.json(column.dataType()));
      all.append(column.nullable()).append('\n');
    }
    new TreeMap<>(identities)
        .forEach(
            (column, identity) -> {
              append(all, column);
              append(all, identity);
            });
    return Digest.of(all.toString()).hex();
  }

  /** With its length, so that no two lists of texts are alike. */
  private static void append(StringBuilder all, String text) {
    all.append(text.length()).append(' ').append(text).append('\n');
  }

  /**
   * Loads what the first expression needs, about a second's work: for a thread beside one that
   * reads definitions meanwhile.
   */
  public static void prepare() {
    Scope scope = new Scope("", new StructType().add("a", DataTypes.IntegerType));
    SqlDialect dialect = new SqlDialect(ZoneOffset.UTC, Division.FAILS);
    try {
      new ExpressionResolver(scope, dialect, Map.of())
          .resolve("b", "if(a > 0, cast(a as double), null)");
    } catch (InvalidExpression e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Resolves the next one and accepts it.
   *
   * @throws InvalidExpression also where the name is taken by one before it
   */
  public ResolvedExpression add(String name, String sql) throws InvalidExpression {
    if (named.stream().anyMatch(r -> r.column().name().equalsIgnoreCase(name))) {
      throw new InvalidExpression(
          List.of("there is a \"" + name + "\" already. Give it another name."));
    }
    ResolvedExpression resolved = resolve(name, sql);
    accept(resolved);
    return resolved;
  }

  /**
   * Makes a resolved one a column for those after it, unless the input has a column of its name:
   * that one stays what the name means, as in an SQL select list.
   */
  public void accept(ResolvedExpression resolved) {
    String name = resolved.column().name();
    named.add(resolved);
    // Of two columns that mean the same, which one is read is part of what is kept.
    before =
        Digest.of(before + " " + resolved.identity() + " " + name + " " + resolved.columns()).hex();
    if (scope.find(name).isPresent()) {
      scope = scope.withHidden(resolved.column());
    } else {
      visible.put(Scope.key(name), resolved);
      scope = scope.with(resolved.column());
    }
  }

  /** Makes a name one that exists but must not be used. */
  public void refuse(String name) {
    before = Digest.of(before + " without " + name).hex();
    scope = scope.withBroken(name);
  }

  /** The columns that the next one may use. */
  public Scope scope() {
    return scope;
  }

  /** Those that were added, in order. */
  public List<ResolvedExpression> named() {
    return List.copyOf(named);
  }

  /** Resolves an expression without accepting it. */
  public ResolvedExpression resolve(String name, String sql) throws InvalidExpression {
    OptionalInt quoted = quotedColumn(sql);
    if (quoted.isPresent()) {
      return column(name, quoted.getAsInt());
    }
    String key = Digest.of(before + " " + sql).hex();
    Optional<Kept> known = kept.find(key);
    if (known.isPresent()) {
      List<StructField> columns = scope.columns();
      Optional<Expression> plain = plain(known.get(), columns);
      return known.get().named(name, Lazy.of(() -> plain.orElseGet(() -> bound(sql, columns))));
    }
    return under(
        () -> {
          Expression parsed = Catalyst.parse(sql);
          Screening.screen(sql, parsed, scope);
          Expression tree = tree(sql, parsed, scope.columns());
          requireStorable(tree.dataType());
          Set<String> used = new TreeSet<>();
          String identity = identity(tree, used);
          Expression bound = Catalyst.bind(sql, tree);
          Kept found =
              new Kept(tree.dataType().asNullable(), Catalyst.positions(tree), used, identity);
          kept.keep(key, found);
          return found.named(name, () -> bound);
        });
  }

  /** The place of the column that a text is in quotes and nothing else: it needs no parser. */
  private OptionalInt quotedColumn(String sql) {
    Matcher quoted = QUOTED.matcher(sql);
    if (!quoted.matches() || scope.broken().contains(Scope.key(quoted.group(1)))) {
      return OptionalInt.empty();
    }
    int[] places =
        IntStream.range(0, scope.columns().size())
            .filter(i -> scope.columns().get(i).name().equalsIgnoreCase(quoted.group(1)))
            .toArray();
    return places.length == 1 ? OptionalInt.of(places[0]) : OptionalInt.empty();
  }

  private ResolvedExpression column(String name, int place) throws InvalidExpression {
    StructField column = scope.columns().get(place);
    requireStorable(column.dataType());
    return kept(column, place).named(name, () -> reference(column, place));
  }

  /** What is kept of a column as it is. */
  private Kept kept(StructField column, int place) {
    Set<String> used = new TreeSet<>();
    String identity =
        SqlDialect.version() + " #" + identityOf(column.name().toLowerCase(Locale.ROOT), used);
    return new Kept(column.dataType().asNullable(), Set.of(place), used, identity);
  }

  private static Expression reference(StructField column, int place) {
    return new BoundReference(place, column.dataType(), column.nullable());
  }

  /** What was resolved to a column as it is, or to false, is computed without the parser. */
  private Optional<Expression> plain(Kept known, List<StructField> columns) {
    if (known.equals(FALSE.get())) {
      return Optional.of(Literal.FalseLiteral());
    }
    return known.positions().stream()
        .filter(place -> known.equals(kept(columns.get(place), place)))
        .findFirst()
        .map(place -> reference(columns.get(place), place));
  }

  /** What an expression that was resolved before is computed by. */
  private Expression bound(String sql, List<StructField> columns) {
    try {
      return under(() -> Catalyst.bind(sql, tree(sql, Catalyst.parse(sql), columns)));
    } catch (InvalidExpression e) {
      throw new IllegalStateException(
          "an expression that was checked no longer resolves: " + sql, e);
    }
  }

  private Expression tree(String sql, Expression parsed, List<StructField> columns)
      throws InvalidExpression {
    return Catalyst.resolve(sql, CastFunctions.explicit(parsed), columns, profile);
  }

  private interface Work<T> {
    T run() throws InvalidExpression;
  }

  private <T> T under(Work<T> work) throws InvalidExpression {
    List<InvalidExpression> failed = new ArrayList<>();
    T result =
        profile.under(
            () -> {
              try {
                return work.run();
              } catch (InvalidExpression e) {
                failed.add(e);
                return null;
              }
            });
    if (!failed.isEmpty()) {
      throw failed.get(0);
    }
    return result;
  }

  /** Their names and what each means; the digest of that is {@link RowExpressions#identity()}. */
  public String meaning() {
    StringBuilder meaning = new StringBuilder();
    named.forEach(
        r -> meaning.append(r.column().name()).append(' ').append(r.identity()).append('\n'));
    return meaning.toString();
  }

  /**
   * What was added, ready to evaluate.
   *
   * @param written the texts of those that were added, in order
   */
  public RowExpressions finish(List<Derivation> written) {
    List<Step.Text> texts =
        written.stream().map(d -> new Step.Text(d.name(), d.expression().sql())).toList();
    Step step = new Step(texts, input, profile.zone().getId(), profile.division(), false);
    step.resolvedTo(named());
    return new RowExpressions(List.of(step), Digest.of(meaning()));
  }

  private String identity(Expression tree, Set<String> used) throws InvalidExpression {
    try {
      String text = IdentityText.of(tree, column -> identityOf(column, used));
      return SqlDialect.version() + " " + text;
    } catch (IllegalArgumentException e) {
      throw new InvalidExpression(List.of(e.getMessage() + ". Say it with another function."));
    }
  }

  private String identityOf(String path, Set<String> used) {
    int dot = path.indexOf('.');
    String column = dot < 0 ? path : path.substring(0, dot);
    String field = dot < 0 ? "" : path.substring(dot);
    ResolvedExpression earlier = visible.get(column);
    if (earlier != null) {
      used.addAll(earlier.columns());
      return earlier.identity().hex() + field;
    }
    used.add(path);
    if (identities.containsKey(path)) {
      return identities.get(path);
    }
    return identities.containsKey(column)
        ? identities.get(column) + field
        : path + " " + typeOf(column, field);
  }

  private String typeOf(String column, String field) {
    DataType type = scope.find(column).orElseThrow().dataType();
    if (field.isEmpty()) {
      return Types.json(type);
    }
    Scope fields = new Scope(column, (StructType) type);
    return Types.json(fields.find(field.substring(1)).orElseThrow().dataType());
  }

  private static void requireStorable(DataType type) throws InvalidExpression {
    if (type instanceof NullType) {
      throw new InvalidExpression(
          List.of("it is always null and has no type. Give it one, as in cast(null as double)."));
    }
    if (type instanceof DayTimeIntervalType || type instanceof YearMonthIntervalType) {
      throw new InvalidExpression(
          List.of(
              "it is an interval, which no table holds. Make it a number, as in timestampdiff(SECOND, a, b)."));
    }
  }
}
