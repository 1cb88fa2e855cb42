package io.tributary.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.definition.Derivation;
import io.tributary.definition.SourceLocation;
import io.tributary.definition.SqlText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestKeptExpressions {
  private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");
  private static final StructType INPUT =
      StructType.fromDDL(
          "id bigint, text string, price decimal(10,2), at timestamp, tags array<string>, place struct<city: string, zip: int>");
  private static final Map<String, String> SQL =
      new LinkedHashMap<>(
          Map.of(
              "doubled", "id * 2",
              "again", "doubled + cast(text as bigint)",
              "hour", "hour(at)",
              "net", "price / 3",
              "first", "tags[0]",
              "city", "upper(place.city)",
              "plain", "text",
              "never", "FALSE",
              "zip", "place.zip",
              "time", "cast(at as timestamp)"));
  private static final List<String> ORDER =
      List.of("doubled", "again", "hour", "net", "first", "city", "plain", "never", "zip", "time");

  @TempDir private Path folder;

  private KeptExpressions kept() {
    return KeptExpressions.of(folder.resolve("project"), folder.resolve("kept"), "code 1");
  }

  private Path file() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("kept"))) {
      return files.reduce((a, b) -> b).orElseThrow();
    }
  }

  private static ExpressionResolver resolver(KeptExpressions kept) {
    return new ExpressionResolver(
        new Scope("source \"s\"", INPUT),
        new SqlDialect(NEW_YORK, Division.FAILS),
        Map.of("id", "s.id \"long\""),
        kept);
  }

  private static RowExpressions resolved(KeptExpressions kept) throws InvalidExpression {
    ExpressionResolver resolver = resolver(kept);
    List<Derivation> written = new ArrayList<>();
    for (String name : ORDER) {
      resolver.add(name, SQL.get(name));
      written.add(
          new Derivation(name, new SqlText(SQL.get(name), new SourceLocation("s.yaml", 1))));
    }
    return resolver.finish(written);
  }

  /** Resolves and saves, and says whether anything was not known. */
  private boolean isNew(ExpressionResolver resolver, KeptExpressions kept, String sql)
      throws InvalidExpression, IOException {
    byte[] before = Files.readAllBytes(file());
    resolver.resolve("x", sql);
    kept.save();
    return !Arrays.equals(Files.readAllBytes(file()), before);
  }

  private static String told(ExpressionResolver resolver) {
    StringBuilder all = new StringBuilder();
    for (ResolvedExpression r : resolver.named()) {
      all.append(r.column().name() + " " + r.column().dataType().json() + " ")
          .append(r.column().nullable() + " " + r.positions() + r.columns() + r.meaning())
          .append(" " + r.bound().get() + "\n");
    }
    return all.toString();
  }

  private static String evaluated(RowExpressions expressions) {
    Object[] row = {
      21L,
      UTF8String.fromString("7"),
      Decimal.apply("10.00"),
      1_370_000_000_000_000L,
      new GenericArrayData(new Object[] {UTF8String.fromString("a")}),
      new GenericInternalRow(new Object[] {UTF8String.fromString("york"), 1})
    };
    return expressions.evaluator().evaluate(new GenericInternalRow(row)).toString();
  }

  @Test
  void whatIsKeptIsWhatResolvingGives() throws Exception {
    ExpressionResolver anew = resolver(KeptExpressions.none());
    for (String name : ORDER) {
      anew.add(name, SQL.get(name));
    }
    KeptExpressions writes = kept();
    String values = evaluated(resolved(writes));
    writes.save();

    KeptExpressions reads = kept();
    ExpressionResolver again = resolver(reads);
    for (String name : ORDER) {
      again.add(name, SQL.get(name));
    }

    assertThat(told(again)).isEqualTo(told(anew));
    assertThat(again.meaning()).isEqualTo(anew.meaning());
    assertThat(evaluated(resolved(kept()))).isEqualTo(values);
  }

  @Test
  void whatIsKnownIsNotResolved() throws Exception {
    KeptExpressions writes = kept();
    resolved(writes);
    writes.save();

    KeptExpressions reads = kept();
    ExpressionResolver resolver = resolver(reads);
    for (String name : ORDER) {
      assertThat(isNew(resolver, reads, SQL.get(name))).isFalse();
      resolver.add(name, SQL.get(name));
    }
  }

  @Test
  void anythingThatDecidesMakesItUnknown() throws Exception {
    KeptExpressions writes = kept();
    resolved(writes);
    writes.save();
    Scope scope = new Scope("source \"s\"", INPUT);
    SqlDialect dialect = new SqlDialect(NEW_YORK, Division.FAILS);
    Map<String, String> identities = Map.of("id", "s.id \"long\"");
    byte[] whole = Files.readAllBytes(file());
    KeptExpressions same = kept();
    assertThat(isNew(new ExpressionResolver(scope, dialect, identities, same), same, "id * 2"))
        .isFalse();

    KeptExpressions text = kept(whole);
    assertThat(isNew(resolver(text), text, "id * 3")).isTrue();
    for (StructType other :
        List.of(
            INPUT.add("more", "int"),
            StructType.fromDDL(INPUT.toDDL().replace("id BIGINT", "id INT")),
            StructType.fromDDL(INPUT.toDDL().replace("id BIGINT", "id BIGINT NOT NULL")),
            StructType.fromDDL(INPUT.toDDL().replace("zip: INT", "zip: BIGINT")),
            StructType.fromDDL(INPUT.toDDL().replace("text STRING", "texts STRING")))) {
      KeptExpressions columns = kept(whole);
      ExpressionResolver over =
          new ExpressionResolver(new Scope("source \"s\"", other), dialect, identities, columns);
      assertThat(isNew(over, columns, "id * 2")).as(other.toDDL()).isTrue();
    }
    for (SqlDialect other :
        List.of(
            new SqlDialect(ZoneId.of("UTC"), Division.FAILS),
            new SqlDialect(NEW_YORK, Division.NULL_WHERE_ZERO))) {
      KeptExpressions under = kept(whole);
      ExpressionResolver resolver = new ExpressionResolver(scope, other, identities, under);
      assertThat(isNew(resolver, under, "id * 2")).as(other.toString()).isTrue();
    }
    KeptExpressions identity = kept(whole);
    assertThat(
            isNew(
                new ExpressionResolver(scope, dialect, Map.of("id", "t.id \"long\""), identity),
                identity,
                "id * 2"))
        .isTrue();
    KeptExpressions earlier = kept(whole);
    ExpressionResolver after = resolver(earlier);
    after.add("doubled", "id * 4");
    assertThat(isNew(after, earlier, SQL.get("again"))).isTrue();
    KeptExpressions without = kept(whole);
    ExpressionResolver lessOne = resolver(without);
    lessOne.refuse("text");
    assertThat(isNew(lessOne, without, "id * 2")).isTrue();
    Files.write(file(), whole);
    KeptExpressions code =
        KeptExpressions.of(folder.resolve("project"), folder.resolve("kept"), "code 2");
    assertThat(isNew(resolver(code), code, "id * 2")).isTrue();
  }

  private KeptExpressions kept(byte[] stored) throws IOException {
    Files.write(file(), stored);
    return kept();
  }

  @Test
  void ofTwoColumnsThatMeanTheSameTheOneThatIsReadIsKept() throws Exception {
    for (String column : List.of("text", "id")) {
      KeptExpressions kept = kept();
      ExpressionResolver resolver =
          new ExpressionResolver(
              new Scope("source \"s\"", StructType.fromDDL("id bigint, text bigint")),
              new SqlDialect(NEW_YORK, Division.FAILS),
              Map.of("text", "s.n", "id", "s.n"),
              kept);
      resolver.add("first", column);
      assertThat(resolver.add("second", "first * 2").columns()).containsExactly(column);
      kept.save();
    }
  }

  @Test
  void whatIsUsedIsNewerThanTheDefinitions() throws Exception {
    KeptExpressions writes = kept();
    resolved(writes);
    writes.save();
    FileTime old = FileTime.from(Instant.EPOCH);
    Files.setLastModifiedTime(file(), old);

    KeptExpressions reads = kept();
    resolver(reads).resolve("x", "id * 2");
    reads.save();

    assertThat(Files.getLastModifiedTime(file())).isGreaterThan(old);
  }

  @Test
  void aTornOrChangedFileIsAsNone() throws Exception {
    KeptExpressions writes = kept();
    resolved(writes);
    writes.save();
    byte[] whole = Files.readAllBytes(file());
    List<byte[]> torn =
        new ArrayList<>(
            List.of(
                new byte[0],
                Arrays.copyOf(whole, 20),
                Arrays.copyOf(whole, whole.length / 2),
                Arrays.copyOf(whole, whole.length - 1),
                Arrays.copyOf(whole, whole.length + 1)));
    for (int at = 0; at < whole.length; at += 97) {
      byte[] changed = whole.clone();
      changed[at] ^= 1;
      torn.add(changed);
    }
    for (byte[] bytes : torn) {
      Files.write(file(), bytes);
      KeptExpressions reads = kept();
      assertThat(isNew(resolver(reads), reads, "id * 2")).isTrue();
    }
  }

  @Test
  void whatIsWrongIsNotKept() throws Exception {
    KeptExpressions kept = kept();
    ExpressionResolver resolver = resolver(kept);
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> resolver.resolve("x", "id + nowhere"))
          .isInstanceOf(InvalidExpression.class)
          .hasMessageContaining("source \"s\" has no column \"nowhere\".");
    }
    kept.save();
    assertThat(folder.resolve("kept")).doesNotExist();
  }

  @Test
  void aFolderThatCannotBeWrittenKeepsNothing() throws Exception {
    Path taken = Files.writeString(folder.resolve("taken"), "a file");
    KeptExpressions kept = KeptExpressions.of(folder, taken, "code 1");
    assertThat(evaluated(resolved(kept))).isEqualTo(evaluated(resolved(KeptExpressions.none())));
    kept.save();
    assertThat(taken).hasContent("a file");
  }

  @Test
  void processesThatSaveAtOnceLeaveAWholeFile() throws Exception {
    resolved(KeptExpressions.none());
    List<CompletableFuture<Void>> processes =
        IntStream.range(0, 8)
            .mapToObj(
                i ->
                    CompletableFuture.runAsync(
                        () -> {
                          for (int n = 0; n < 5; n++) {
                            save("id + " + i + " * " + n);
                          }
                        }))
            .toList();
    processes.forEach(CompletableFuture::join);

    byte[] last = Files.readAllBytes(file());
    int known = 0;
    for (int i = 0; i < 8; i++) {
      Files.write(file(), last);
      KeptExpressions reads = kept();
      known += isNew(resolver(reads), reads, "id + " + i + " * 4") ? 0 : 1;
    }
    assertThat(known).isEqualTo(1);
    try (Stream<Path> files = Files.list(folder.resolve("kept"))) {
      assertThat(files).hasSize(1);
    }
  }

  private void save(String sql) {
    try {
      KeptExpressions kept = kept();
      resolver(kept).resolve("x", sql);
      kept.save();
    } catch (InvalidExpression e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void filesOfTheOldestProjectsGo() throws Exception {
    for (int i = 0; i < KeptExpressions.MOST_FILES + 3; i++) {
      KeptExpressions kept =
          KeptExpressions.of(folder.resolve("project-" + i), folder.resolve("kept"), "code 1");
      resolver(kept).resolve("x", "id");
      kept.save();
    }
    try (Stream<Path> files = Files.list(folder.resolve("kept"))) {
      assertThat(files).hasSize(KeptExpressions.MOST_FILES);
    }
  }
}
