package io.tributary.events.runs;

import io.tributary.core.JobKey;
import io.tributary.core.Pin;
import io.tributary.core.RunId;
import io.tributary.core.TableVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * That a run made its outputs of its inputs.
 *
 * @param at when the run ended
 * @param inputs tables, files and models that it read, each once
 * @param outputs tables, models and stores that it wrote, in the order of their commits
 */
public record LineageEvent(
    RunId run, JobKey key, Instant at, List<LineageNode> inputs, List<LineageNode> outputs) {
  /**
   * The fact under which a run lists what it read beside tables, as texts of {@link LineageNode}.
   */
  public static final String READS = "reads";

  /**
   * The fact under which a run lists what it wrote beside tables, as texts of {@link LineageNode}.
   */
  public static final String WRITES = "writes";

  public LineageEvent {
    inputs = inputs.stream().distinct().toList();
    outputs = outputs.stream().distinct().toList();
  }

  /** What a successful run's record says of lineage. */
  public static LineageEvent of(RunRecord record) {
    List<LineageNode> inputs = new ArrayList<>();
    for (Pin pin : record.inputs()) {
      inputs.add(LineageNode.table(pin.version()));
    }
    inputs.addAll(nodes(record.facts(), READS));
    List<LineageNode> outputs = new ArrayList<>();
    for (TableVersion version : record.outputs()) {
      outputs.add(LineageNode.table(version));
    }
    outputs.addAll(nodes(record.facts(), WRITES));
    return new LineageEvent(record.run(), record.key(), record.ended(), inputs, outputs);
  }

  private static List<LineageNode> nodes(Map<String, Object> facts, String key) {
    if (!(facts.get(key) instanceof List<?> texts)) {
      return List.of();
    }
    return texts.stream().map(t -> LineageNode.parse(t.toString())).toList();
  }
}
