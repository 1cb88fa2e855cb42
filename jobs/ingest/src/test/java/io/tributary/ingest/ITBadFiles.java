package io.tributary.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tributary.core.ErrorGroup;
import io.tributary.core.Outcome;
import io.tributary.core.PlatformException;
import io.tributary.events.runs.RunRecord;
import io.tributary.source.ByteReader;
import io.tributary.source.Lines;
import io.tributary.source.rows.SourceRules;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The generated bad files through the whole job: as one delivery those that a reader reads. */
class ITBadFiles {
  @TempDir Path folder;

  /** How many lines of a file are good and malformed. */
  private record Read(long good, long malformed) {}

  @Test
  void eachLineOfEachFileIsInOneTableAndARefusedFileChangesNone() {
    SmallProject project = new SmallProject(folder);
    project.write("sources/sales.yaml", BadFiles.SOURCE);
    project.write("expectations/sales.json", BadFiles.SUITE);
    ByteReader reader = (ByteReader) SourceRules.of(project.checked(), "sales").reader();
    Map<String, Read> expected = new TreeMap<>();
    Map<String, BadFiles.Variant> refused = new LinkedHashMap<>();
    Set<ByteBuffer> contents = new HashSet<>();
    for (BadFiles.Variant variant : BadFiles.all()) {
      Optional<Read> read = read(reader, variant);
      if (read.isEmpty()) {
        refused.putIfAbsent(variant.kind(), variant);
      } else {
        project.write(variant.path(), variant.bytes());
        if (contents.add(ByteBuffer.wrap(variant.bytes()))) {
          expected.put(variant.path(), read.get());
        }
      }
    }
    assertThat(expected).hasSizeGreaterThan(300);
    assertThat(refused).hasSizeGreaterThan(7);

    RunRecord run = project.run(project.job("sales"));

    Map<String, Read> found = new TreeMap<>();
    expected.keySet().forEach(file -> found.put(file, new Read(0, 0)));
    count(project, "validated.sales", "true", found, 1, 0);
    count(project, "quarantine.sales", "_stage <> 'parse'", found, 1, 0);
    count(project, "quarantine.sales", "_stage = 'parse'", found, 0, 1);
    assertThat(found).isEqualTo(expected);
    long admitted = project.table("validated.sales").count();
    long quarantined = project.table("quarantine.sales").where("_stage <> 'parse'").count();
    long malformed = project.table("quarantine.sales").where("_stage = 'parse'").count();
    assertThat(SmallProject.told(run))
        .containsEntry("rows-admitted", admitted)
        .containsEntry("rows-quarantined", quarantined)
        .containsEntry("lines-malformed", malformed)
        .containsEntry("lines-read", admitted + quarantined + malformed);
    assertThat(quarantined).isPositive();
    assertThat(project.table("quarantine.sales").where("size(reasons) = 0").count()).isZero();
    assertThat(
            project
                .table("validated.sales")
                .where(
                    "id is null or at < '2013-01-01' or at > '2014-01-01' or price < 0 or price > 1000 or isnan(price) or paid is null or year(day) <> 2013")
                .count())
        .isZero();
    System.out.printf(
        "%d files as one delivery: %,d lines = %,d admitted + %,d quarantined + %,d malformed%n",
        expected.size(), admitted + quarantined + malformed, admitted, quarantined, malformed);

    List<Long> versions = versions(project);
    for (BadFiles.Variant variant : refused.values()) {
      project.write(variant.path(), variant.bytes());
      Throwable thrown = catchThrowable(() -> project.run(project.job("sales")));
      assertThat(thrown)
          .as(variant.toString())
          .isInstanceOf(PlatformException.class)
          .hasMessageContaining(variant.path());
      assertThat(((PlatformException) thrown).group()).isIn(ErrorGroup.DATA, ErrorGroup.USER);
      assertThat(versions(project)).isEqualTo(versions);
      project.delete(variant.path());
    }
    project.run(project.job("sales"));
    assertThat(project.run(project.job("sales")).outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(versions(project)).isEqualTo(versions);
  }

  private static List<Long> versions(SmallProject project) {
    return List.of(
        project.version("bronze.sales"),
        project.version("quarantine.sales"),
        project.version("validated.sales"));
  }

  private static void count(
      SmallProject project,
      String table,
      String where,
      Map<String, Read> found,
      long good,
      long malformed) {
    for (Row row : project.table(table).where(where).groupBy("_file").count().collectAsList()) {
      found.merge(
          row.getString(0),
          new Read(good * row.getLong(1), malformed * row.getLong(1)),
          (a, b) -> new Read(a.good() + b.good(), a.malformed() + b.malformed()));
    }
  }

  /** Empty where the reader refuses the file. */
  private static Optional<Read> read(ByteReader reader, BadFiles.Variant variant) {
    long good = 0;
    long malformed = 0;
    try {
      Lines lines = reader.open(variant.path(), new ByteArrayInputStream(variant.bytes()));
      while (lines.next()) {
        if (lines.line().problems().isEmpty()) {
          good++;
        } else {
          malformed++;
        }
      }
      return Optional.of(new Read(good, malformed));
    } catch (PlatformException refused) {
      return Optional.empty();
    }
  }
}
