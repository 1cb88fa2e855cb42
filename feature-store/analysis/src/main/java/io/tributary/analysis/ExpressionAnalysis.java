package io.tributary.analysis;

import io.tributary.definition.Derivation;
import io.tributary.definition.SqlText;
import io.tributary.expression.ExpressionResolver;
import io.tributary.expression.InvalidExpression;
import io.tributary.expression.ResolvedExpression;
import io.tributary.expression.RowExpressions;
import io.tributary.expression.Scope;
import io.tributary.expression.SqlDialect;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Row expressions in the making: what a definition says, with problems gathered, not thrown. */
final class ExpressionAnalysis {
  private final Analysis analysis;
  private final String thing;
  private final ExpressionResolver resolver;
  private final List<Derivation> accepted = new ArrayList<>();
  private boolean failed;

  ExpressionAnalysis(
      Analysis analysis,
      String thing,
      SqlDialect profile,
      Scope input,
      Map<String, String> identities) {
    this.analysis = analysis;
    this.thing = thing;
    this.resolver = new ExpressionResolver(input, profile, identities, analysis.kept());
  }

  /** Types what a user wrote, without accepting it; says what is wrong with it. */
  Optional<ResolvedExpression> type(String name, SqlText sql) {
    try {
      return Optional.of(resolved(name, sql));
    } catch (InvalidExpression e) {
      failed = true;
      e.reasons().forEach(reason -> analysis.problem(thing, sql.location(), reason));
      return Optional.empty();
    }
  }

  /** Types and accepts what a user wrote; on failure its name must not be used. */
  Optional<ResolvedExpression> add(String name, SqlText sql) {
    Optional<ResolvedExpression> resolved = type(name, sql);
    resolved.ifPresentOrElse(r -> accept(r, sql), () -> resolver.refuse(name));
    return resolved;
  }

  void accept(ResolvedExpression resolved, SqlText sql) {
    resolver.accept(resolved);
    accepted.add(new Derivation(resolved.column().name(), sql));
  }

  /**
   * Adds what the platform puts around a text that was typed already.
   *
   * @param around with {@code %s} for the text, {@code cast(%s as timestamp)}
   */
  ResolvedExpression addAround(String name, String around, SqlText typed) {
    return addOwn(
        name, new SqlText(String.format(around, "(" + typed.sql() + "\n)"), typed.location()));
  }

  /** Adds an expression of the platform's own, which can't be wrong. */
  ResolvedExpression addOwn(String name, SqlText sql) {
    try {
      ResolvedExpression resolved = resolved(name, sql);
      accept(resolved, sql);
      return resolved;
    } catch (InvalidExpression e) {
      throw new IllegalStateException(thing + ": " + sql + ": " + e.getMessage(), e);
    }
  }

  private ResolvedExpression resolved(String name, SqlText sql) throws InvalidExpression {
    ResolvedExpression resolved = resolver.resolve(name, sql.sql());
    forms().keep(resolved.meaning());
    return resolved;
  }

  /** What the digests of its expressions are of. */
  CanonicalForms forms() {
    return analysis.forms();
  }

  /** Says what is wrong, beside what expressions are wrong with. */
  void problem(SqlText at, String why) {
    failed = true;
    analysis.problem(thing, at.location(), why);
  }

  boolean failed() {
    return failed;
  }

  /** What was accepted, in order. */
  List<ResolvedExpression> accepted() {
    return resolver.named();
  }

  /** What an accepted expression means. */
  String identity(String name) {
    return accepted().stream()
        .filter(r -> r.column().name().equals(name))
        .findFirst()
        .orElseThrow()
        .identity()
        .hex();
  }

  /** The columns that the next expression may use. */
  Scope scope() {
    return resolver.scope();
  }

  /** Only of a compilation that did not fail. */
  RowExpressions finish() {
    forms().keep(resolver.meaning());
    return resolver.finish(accepted);
  }
}
