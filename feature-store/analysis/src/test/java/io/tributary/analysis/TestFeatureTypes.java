package io.tributary.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.definition.FeatureType;
import io.tributary.definition.ProjectReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The types that are told without Spark, against those that its expressions have. */
class TestFeatureTypes {
  @TempDir private Path folder;

  /** Of each view, what is told; all that is told is what Spark says. */
  private static Map<String, String> told(CheckedProject project) {
    Map<String, String> told = new HashMap<>();
    for (CheckedView view : project.views().values()) {
      Map<String, FeatureType> types = FeatureType.of(project.project(), view.definition());
      assertThat(types.keySet()).containsExactly(view.schema().fieldNames());
      types.forEach(
          (name, type) -> {
            String actual = view.schema().apply(name).dataType().catalogString();
            assertThat(type.type().orElse(actual)).as(view.id() + "." + name).isEqualTo(actual);
            type.type().ifPresent(text -> told.put(name, text));
          });
    }
    return told;
  }

  @Test
  void areThoseOfTheExample() {
    Path example = Path.of("..", "..", "examples", "nyc-flights");
    assertThat(told(CheckedProject.check(ProjectReader.read(example, Map.of(), Optional.empty()))))
        .hasSizeGreaterThan(20);
  }

  @Test
  void areToldOfEachAggregateOfColumnsAndCasts() throws IOException {
    Files.createDirectories(folder.resolve("sources"));
    Files.createDirectories(folder.resolve("features"));
    Files.writeString(folder.resolve("tributary.yaml"), "project: types\nzone: UTC\n");
    Files.writeString(
        folder.resolve("sources/towns.yaml"),
        """
        source: towns
        read: {format: csv, path: towns.csv}
        columns: {town: string, people: bigint}
        event-key: [town]
        static: true
        """);
    Files.writeString(
        folder.resolve("sources/trips.yaml"),
        """
        source: trips
        read: {format: csv, path: trips.csv}
        columns:
          id: bigint
          driver: string
          town: string
          n: int
          price: decimal(10,2)
          share: float
          good: boolean
          day: date
          at: timestamp
          tags: array<string>
        lookup: {home: {source: towns, keys: [town]}}
        derive:
          inhabitants: home.people
          half: price / 2
          whole: cast(price as bigint)
        event-key: [id]
        event-time: at
        """);
    Files.writeString(
        folder.resolve("sources/dear.yaml"),
        """
        source: dear
        query: select driver, at, price as cost, n + 1 as more from trips where price > 10
        event-time: at
        """);
    Files.writeString(
        folder.resolve("features/trips.yaml"),
        """
        view: trips@1
        entity: [driver]
        source: trips
        features:
          c: count(*) over 1d
          d: count_distinct(town) over 1d
          s1: sum(n) over 1d
          s2: sum(price) over 1d
          s3: sum(share) over 1d
          s4: sum(good) over 1d
          s5: sum(cast(n as decimal(38,0))) over 1d
          s6: sum(whole) over 1d
          m: mean(price) over 1d
          v: stddev_samp(n) over 1d
          p: percentile(n, 0.5) over 1d
          x: max(day) over 1d
          l: last(price) over 1d
          k: last_k(town, 3) over 1d
          o: most_common(good) over 1d
          h: histogram(town) over 1d
          t: time_since_last() over 1d
          b: sum(n) by town over 1d
          w: time_since_last() by town over 1d
          i: max(inhabitants) over 1d
          half: max(half) over 1d
        derived:
          again: s2_1d
          ratio: s1_1d / c_1d
          round: cast(m_1d as decimal(10,2))
        """);
    Files.writeString(
        folder.resolve("features/dear.yaml"),
        """
        view: dear@1
        entity: [driver]
        source: dear
        features:
          cost: cost
          more: more
        """);
    Files.writeString(
        folder.resolve("features/asked.yaml"),
        """
        view: asked@1
        request: {distance: double}
        features:
          distance: distance
          far: distance > 100
          rounded: cast(distance as int)
        """);

    Map<String, String> told =
        told(CheckedProject.check(ProjectReader.read(folder, Map.of(), Optional.empty())));

    assertThat(told)
        .containsEntry("s2_1d", "decimal(38,2)")
        .containsEntry("s5_1d", "decimal(38,0)")
        .containsEntry("w_1d", "map<string,double>")
        .containsEntry("i_1d", "bigint")
        .containsEntry("again", "decimal(38,2)")
        .containsEntry("cost", "decimal(10,2)")
        .containsEntry("rounded", "int")
        .doesNotContainKeys("ratio", "more", "far", "half_1d")
        .hasSize(25);
  }
}
