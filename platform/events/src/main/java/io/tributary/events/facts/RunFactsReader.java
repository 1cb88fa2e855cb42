package io.tributary.events.facts;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import java.io.IOException;
import java.util.Map;

/** Reads facts by their kind and version. */
final class RunFactsReader extends StdDeserializer<RunFacts> {
  private static final long serialVersionUID = 1L;

  private static final Map<String, Class<? extends RunFacts>> KNOWN =
      Map.of(
          CleaningFacts.KIND + " 1", CleaningFacts.class,
          ConsistencyFacts.KIND + " 1", ConsistencyFacts.class,
          FitFacts.KIND + " 1", FitFacts.class,
          IngestFacts.KIND + " 1", IngestFacts.class,
          MonitoringFacts.KIND + " 1", MonitoringFacts.class,
          PublicationFacts.KIND + " 1", PublicationFacts.class,
          ScoringFacts.KIND + " 1", ScoringFacts.class,
          SnapshotFacts.KIND + " 1", SnapshotFacts.class,
          TrainingSetFacts.KIND + " 1", TrainingSetFacts.class);

  RunFactsReader() {
    super(RunFacts.class);
  }

  @Override
  public RunFacts deserialize(JsonParser parser, DeserializationContext context)
      throws IOException {
    JsonNode node = context.readTree(parser);
    String kind = node.path("kind").asText();
    int version = node.path("version").asInt();
    Class<? extends RunFacts> type = KNOWN.get(kind + " " + version);
    return type == null
        ? new UnknownFacts(kind, version, node)
        : context.readTreeAsValue(node, type);
  }
}
