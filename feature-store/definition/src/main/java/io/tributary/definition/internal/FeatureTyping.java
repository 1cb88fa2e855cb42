package io.tributary.definition.internal;

import io.tributary.definition.Aggregate;
import io.tributary.definition.Derivation;
import io.tributary.definition.Feature;
import io.tributary.definition.FeatureType;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Project;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.definition.SqlText;
import io.tributary.definition.internal.SqlTokens.Unreadable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Types the features of one view without compiling their expressions. */
public final class FeatureTyping {
  private static final Pattern NAME = Pattern.compile("`?([A-Za-z_][A-Za-z0-9_]*)`?");
  private static final Pattern FIELD =
      Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)\\.([A-Za-z_][A-Za-z0-9_]*)");
  private static final Pattern CAST =
      Pattern.compile(
          "(?is)(?:try_)?cast\\s*\\([^()]*\\s+as\\s+([a-z]+(?:\\s*\\([0-9, ]*\\))?)\\s*\\)");
  private static final Pattern DECIMAL = Pattern.compile("decimal\\(\\d+,(\\d+)\\)");

  private final Project project;
  private final FeatureView view;

  public FeatureTyping(Project project, FeatureView view) {
    this.project = project;
    this.view = view;
  }

  public Map<String, FeatureType> types() {
    Map<String, FeatureType> types = new LinkedHashMap<>();
    for (Feature feature : view.features()) {
      types.put(feature.name(), new FeatureType(type(feature), unit(feature)));
    }
    for (Derivation derived : view.derived()) {
      Optional<FeatureType> same = name(derived.expression()).map(types::get);
      types.put(
          derived.name(),
          same.orElseGet(() -> new FeatureType(cast(derived.expression()), Optional.empty())));
    }
    return types;
  }

  private static Optional<String> unit(Feature feature) {
    return feature instanceof Feature.Windowed w
            && w.aggregate().function() == Aggregate.Function.TIME_SINCE_LAST
        ? Optional.of("seconds")
        : Optional.empty();
  }

  private Optional<String> type(Feature feature) {
    if (feature instanceof Feature.Lookup lookup) {
      return type(lookup.expression());
    }
    Feature.Windowed windowed = (Feature.Windowed) feature;
    Optional<String> value = type(windowed);
    return windowed.by().isEmpty()
        ? value
        : value.flatMap(
            v -> windowed.by().flatMap(this::type).map(key -> "map<" + key + "," + v + ">"));
  }

  private Optional<String> type(Feature.Windowed windowed) {
    Optional<String> argument = windowed.argument().flatMap(this::type);
    Aggregate aggregate = windowed.aggregate();
    return switch (aggregate.function().result()) {
      case COUNT -> Optional.of("bigint");
      case DOUBLE -> Optional.of("double");
      case SUM -> argument.map(FeatureTyping::sum);
      case VALUE -> argument;
      case LIST -> argument.map(of -> "array<" + of + ">");
      case HISTOGRAM -> argument.map(of -> "map<" + of + ",bigint>");
      case OWN -> Optional.empty();
    };
  }

  private static String sum(String argument) {
    Matcher decimal = DECIMAL.matcher(argument);
    if (decimal.matches()) {
      return "decimal(38," + decimal.group(1) + ")";
    }
    return argument.equals("float") || argument.equals("double") ? "double" : "bigint";
  }

  private Optional<String> type(SqlText sql) {
    if (view.isOnDemand()) {
      return name(sql)
          .flatMap(name -> Optional.ofNullable(view.request().get(name)))
          .map(type -> type.ddl())
          .or(() -> cast(sql));
    }
    return view.source()
        .flatMap(name -> Optional.ofNullable(project.sources().get(name)))
        .flatMap(source -> type(source, sql));
  }

  private Optional<String> type(Source source, SqlText sql) {
    Matcher field = FIELD.matcher(sql.sql().strip());
    if (field.matches()) {
      return source.lookup().stream()
          .filter(lookup -> lookup.name().equals(field.group(1)))
          .flatMap(lookup -> Optional.ofNullable(project.sources().get(lookup.source())).stream())
          .flatMap(reference -> column(reference, field.group(2)).stream())
          .findFirst();
    }
    return name(sql).flatMap(name -> column(source, name)).or(() -> cast(sql));
  }

  private Optional<String> column(Source source, String name) {
    if (source.input() instanceof SourceInput.Query query) {
      Source from = project.sources().get(query.source());
      return query.columns().stream()
          .filter(column -> column.name().equals(name) && from != null)
          .flatMap(column -> type(from, column.expression()).stream())
          .findFirst();
    }
    return source.columns().stream()
        .filter(column -> column.name().equals(name))
        .map(column -> column.type().ddl())
        .findFirst()
        .or(
            () ->
                source.derive().stream()
                    .filter(derived -> derived.name().equals(name))
                    .filter(derived -> !derived.expression().sql().strip().equals(name))
                    .flatMap(derived -> type(source, derived.expression()).stream())
                    .findFirst());
  }

  private static Optional<String> name(SqlText sql) {
    Matcher name = NAME.matcher(sql.sql().strip());
    return name.matches() ? Optional.of(name.group(1)) : Optional.empty();
  }

  private static Optional<String> cast(SqlText sql) {
    Matcher cast = CAST.matcher(sql.sql().strip());
    if (!cast.matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(ColumnTypes.parse(cast.group(1)));
    } catch (Unreadable e) {
      return Optional.empty();
    }
  }
}
