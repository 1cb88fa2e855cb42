package io.tributary.events.definitions;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.ColumnOrigin;
import io.tributary.core.ColumnReference;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestColumnGraph {
  @TempDir Path lake;
  private ColumnGraph graph;

  private static ColumnReference column(String text) {
    return ColumnReference.parse(text);
  }

  private static ColumnOrigin from(String... values) {
    Set<ColumnReference> columns = new TreeSet<>();
    for (String value : values) {
      columns.add(column(value));
    }
    return ColumnOrigin.of(columns, Set.of(column("source rides.driver")));
  }

  private static Definition definition(
      String kind, String name, Map<String, Digest> uses, Map<String, ColumnOrigin> columns) {
    return new Definition(kind, name, "", "active", "", kind + name, Map.of(), uses, columns);
  }

  @BeforeEach
  void keep() {
    DefinitionStore store = DefinitionStore.open(lake.toString());
    Digest rides =
        store.put(
            definition(
                "source",
                "rides",
                Map.of(),
                Map.of(
                    "fare",
                    ColumnOrigin.of(Set.of(), Set.of()),
                    "driver",
                    new ColumnOrigin(Set.of(), Set.of(), Set.of("person")),
                    "phone",
                    new ColumnOrigin(Set.of(), Set.of(), Set.of("pii", "person")),
                    "prefix",
                    from("source rides.phone"))));
    Digest view =
        store.put(
            definition(
                "view",
                "history@1",
                Map.of("source rides", rides),
                Map.of(
                    "fares", from("source rides.fare"),
                    "prefixes", from("source rides.prefix"),
                    "rides", from(),
                    "share", from("view history@1.fares", "view history@1.prefixes"))));
    graph = ColumnGraph.of(view, DefinitionStore.open(lake.toString())::read);
  }

  @Test
  void leadsBackToTheColumnsThatSourcesDeclare() {
    assertThat(graph.sources(column("view history@1.share")))
        .containsExactly(column("source rides.fare"), column("source rides.phone"));
    assertThat(graph.sources(column("view history@1.fares")))
        .containsExactly(column("source rides.fare"));
    assertThat(graph.sources(column("view history@1.rides")))
        .containsExactly(column("source rides.*"));
    assertThat(graph.edges()).hasSize(8);
  }

  @Test
  void tagsFlowWithValuesAndNotWithConditions() {
    assertThat(graph.tags(column("view history@1.share"))).containsExactly("person", "pii");
    assertThat(graph.tags(column("view history@1.fares"))).isEmpty();
  }
}
