package io.tributary.analysis;

import io.tributary.definition.Lookup;
import io.tributary.definition.Source;
import io.tributary.expression.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.types.StructField;

/** Types the look-ups of one source of files, and adds them to its columns. */
final class LookupChecker {
  private final SourceChecker sources;
  private final Analysis analysis;
  private final Source source;
  private final DeclaredColumns declared;
  private final Scope own;
  private final String thing;

  LookupChecker(Analysis analysis, SourceChecker sources, Source source, DeclaredColumns declared) {
    this.sources = sources;
    this.analysis = analysis;
    this.source = source;
    this.declared = declared;
    this.own = declared.scope;
    this.thing = SourceChecker.thing(source);
  }

  void check() {
    for (Lookup lookup : source.lookup()) {
      sources
          .find(lookup.source())
          .filter(s -> s.definition().eventKey().size() == lookup.keys().size())
          .ifPresentOrElse(s -> check(lookup, s), () -> declared.addBroken(lookup.name()));
    }
  }

  private void check(Lookup lookup, AnalyzedSource reference) {
    List<String> keys = reference.definition().eventKey();
    for (int i = 0; i < keys.size(); i++) {
      checkKey(lookup, lookup.keys().get(i), keys.get(i), reference);
    }
    declared.add(lookup.name(), reference.columns().schema());
    record(lookup, reference);
  }

  private void checkKey(Lookup lookup, String key, String referenceKey, AnalyzedSource reference) {
    Optional<StructField> mine = own.find(key);
    Optional<StructField> theirs = reference.columns().find(referenceKey);
    declared.failed |= mine.isEmpty();
    if (mine.isPresent()
        && theirs.isPresent()
        && !SourceChecker.comparable(mine.get(), theirs.get())) {
      String why = SourceChecker.differ(mine.get(), theirs.get(), reference.definition());
      problem(lookup, "look-up \"" + lookup.name() + "\": " + why);
    }
  }

  /** A field means the reference's column, found by what the keys mean. */
  private void record(Lookup lookup, AnalyzedSource reference) {
    List<String> keys = new ArrayList<>();
    Set<String> deciding = new TreeSet<>();
    for (String key : lookup.keys()) {
      keys.add(declared.identities.getOrDefault(Scope.key(key), key));
      deciding.addAll(declared.decides.getOrDefault(Scope.key(key), Set.of()));
    }
    String name = Scope.key(lookup.name());
    StringBuilder whole = new StringBuilder();
    for (StructField field : reference.columns().columns()) {
      String identity =
          "lookup(" + lookup.source() + " " + keys + ")." + reference.identity(field.name());
      declared.identities.put(name + "." + Scope.key(field.name()), identity);
      whole.append(field.name()).append(' ').append(identity).append('\n');
    }
    declared.identities.put(name, analysis.forms().keep(whole.toString()).hex());
    declared.decides.put(name, deciding);
  }

  private void problem(Lookup lookup, String why) {
    declared.failed = true;
    analysis.problem(thing, lookup.location(), why);
  }
}
