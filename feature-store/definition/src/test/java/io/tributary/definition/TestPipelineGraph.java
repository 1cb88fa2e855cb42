package io.tributary.definition;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Json;
import io.tributary.definition.PipelineGraph.Step;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestPipelineGraph {
  @TempDir Path folder;

  private PipelineGraph graph(String pipeline) throws IOException {
    FullProject.write(
        folder,
        Map.of(
            "tributary.yaml",
            "project: shop\nzone: UTC\nlake: lake\n",
            "sources/areas.yaml",
            """
            source: areas
            static: true
            read: {format: csv, path: areas.csv}
            columns: {area: string, name: string}
            event-key: [area]
            """,
            "sources/orders.yaml",
            """
            source: orders
            read: {format: csv, path: orders.csv}
            columns: {customer: string, area: string, paid: double, at: timestamp}
            lookup: {home: {source: areas, keys: [area]}}
            event-time: at
            """,
            "sources/paid.yaml",
            "source: paid\nquery: select customer, at from orders where paid > 0\nevent-time: at\n",
            "sources/visits.yaml",
            """
            source: visits
            read: {format: csv, path: visits.csv}
            columns: {customer: string, at: timestamp}
            event-time: at
            """,
            "features/spending.yaml",
            """
            view: spending@1
            entity: [customer]
            source: paid
            features:
              orders: count(*) over 7d
            """,
            "features/visiting.yaml",
            """
            view: visiting@2
            entity: [customer]
            source: visits
            online: false
            features:
              visits: count(*) over 7d
            """,
            "pipelines/nightly.yaml",
            "pipeline: nightly\nschedule: \"0 6 * * *\"\n" + pipeline));
    Project project = ProjectReader.read(folder, Map.of(), Optional.empty());
    return PipelineGraph.of(project, project.pipelines().get("nightly"));
  }

  private static String lines(PipelineGraph graph) {
    StringBuilder lines = new StringBuilder();
    Set<String> before = new HashSet<>();
    for (Step step : graph.steps()) {
      assertThat(step.id()).matches("[A-Za-z0-9_.-]+");
      assertThat(before).as("stand before " + step.id()).containsAll(step.needs());
      assertThat(before.add(step.id())).as(step.id()).isTrue();
      lines.append(
          "%s: %s %s, %s %s%n"
              .formatted(step.id(), step.command(), step.subject(), step.span(), step.needs()));
    }
    return lines.toString();
  }

  @Test
  void aStepNeedsTheLineBeforeAndWhatItLooksUp() throws IOException {
    PipelineGraph graph =
        graph(
            """
            history: 2024-01-01/2024-02-01
            until: 2024-03-01
            steps: [ingest, materialize, publish]
            """);
    assertThat(lines(graph))
        .isEqualTo(
            """
            load.ingest.areas: ingest areas, HISTORY []
            load.ingest.visits: ingest visits, HISTORY []
            load.ingest.orders: ingest orders, HISTORY [load.ingest.areas]
            history.materialize.spending.v1: materialize spending@1, HISTORY [load.ingest.areas, load.ingest.visits, load.ingest.orders]
            history.materialize.visiting.v2: materialize visiting@2, HISTORY [load.ingest.areas, load.ingest.visits, load.ingest.orders]
            interval.ingest.areas: ingest areas, INTERVAL []
            interval.ingest.visits: ingest visits, INTERVAL []
            interval.ingest.orders: ingest orders, INTERVAL [interval.ingest.areas]
            interval.materialize.spending.v1: materialize spending@1, INTERVAL [interval.ingest.areas, interval.ingest.visits, interval.ingest.orders]
            interval.materialize.visiting.v2: materialize visiting@2, INTERVAL [interval.ingest.areas, interval.ingest.visits, interval.ingest.orders]
            interval.publish.spending.v1: publish spending@1, INTERVAL [interval.materialize.spending.v1, interval.materialize.visiting.v2]
            """);
  }

  @Test
  void aLineThatNamesASourceIsItAndWhatItLooksUp() throws IOException {
    assertThat(lines(graph("steps: [ingest paid, ingest visits, materialize spending@1]")))
        .isEqualTo(
            """
            interval.ingest.areas: ingest areas, INTERVAL []
            interval.ingest.orders: ingest orders, INTERVAL [interval.ingest.areas]
            interval.ingest.visits: ingest visits, INTERVAL [interval.ingest.areas, interval.ingest.orders]
            interval.materialize.spending.v1: materialize spending@1, INTERVAL [interval.ingest.visits]
            """);
  }

  @Test
  void aLineThatIsWrittenTwiceIsTwoSteps() throws IOException {
    assertThat(lines(graph("steps: [publish, ingest visits, publish]")))
        .isEqualTo(
            """
            interval.publish.spending.v1: publish spending@1, INTERVAL []
            interval.ingest.visits: ingest visits, INTERVAL [interval.publish.spending.v1]
            interval.publish.spending.v1.2: publish spending@1, INTERVAL [interval.ingest.visits]
            """);
  }

  @Test
  void theExampleTrainsBeforeItsFirstNight() throws IOException {
    Project project = ProjectReader.read(TestExample.FOLDER, Map.of(), Optional.empty());
    PipelineGraph graph = PipelineGraph.of(project, project.pipelines().get("nightly"));
    assertThat(lines(graph))
        .contains(
            "train.training-set.late_arrival: training-set late_arrival, NONE [history.materialize.",
            "train.train.late_arrival: train late_arrival, NONE [train.training-set.late_arrival]",
            "interval.score.departures: score departures, INTERVAL [interval.publish.",
            "interval.monitor.late_arrival: monitor late_arrival, INTERVAL [interval.score.departures]");
  }

  @Test
  void jsonIsTheDocumentedFormat() throws IOException {
    JsonNode json =
        Json.read(
            Json.write(
                graph(
                    """
                    history: 2024-01-01/2024-02-01
                    until: 2024-03-01
                    steps: [ingest visits]
                    """)),
            JsonNode.class);
    assertThat(json.at("/steps/5").toString())
        .isEqualTo(
            "{\"id\":\"interval.ingest.visits\",\"phase\":\"interval\",\"command\":\"ingest\",\"subject\":\"visits\",\"span\":\"interval\",\"needs\":[],\"makes\":[\"validated.visits\"]}");
    assertThat(json.at("/mains/materialize").asText())
        .isEqualTo("io.tributary.features.MaterializeMain");
    assertThat(json.get("mains").fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder(
            "check",
            "run",
            "retrain",
            "clean",
            "ingest",
            "materialize",
            "publish",
            "training-set",
            "train",
            "score",
            "monitor");
    ((com.fasterxml.jackson.databind.node.ObjectNode) json).remove(List.of("steps", "mains"));
    assertThat(json.toString())
        .isEqualTo(
            "{\"format\":1,\"project\":\"shop\",\"pipeline\":\"nightly\",\"schedule\":\"0 6 * * *\",\"zone\":\"UTC\",\"history\":\"2024-01-01T00:00:00Z/2024-02-01T00:00:00Z\",\"until\":\"2024-03-01T00:00:00Z\"}");
  }
}
