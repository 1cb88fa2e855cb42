package io.tributary.events.runs;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.tributary.core.JobKey;
import io.tributary.core.Pin;
import io.tributary.core.RunId;
import io.tributary.core.TableVersion;
import io.tributary.core.command.Commands;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The derivation of a run's outputs from its inputs.
 *
 * @param at when the run ended
 * @param inputs tables, files and models that it read, and the definitions of its subject and of
 *     views that it joined, each once; what these are made of is in the store of definitions
 * @param outputs tables, models and stores that it wrote, in the order of their commits
 */
@JsonIgnoreProperties(value = "format", allowGetters = true)
public record LineageEvent(
    RunId run, JobKey key, Instant at, List<LineageNode> inputs, List<LineageNode> outputs) {
  /** The jobs that read views, from their snapshots or from the views' sources. */
  private static final Set<String> JOINING = Set.of("training-set", "train", "score");

  /** The format of the body, which is also its event's. */
  public static final int FORMAT = 1;

  public LineageEvent {
    inputs = inputs.stream().distinct().toList();
    outputs = outputs.stream().distinct().toList();
  }

  /** The format of the body. */
  @JsonProperty
  public int format() {
    return FORMAT;
  }

  /** The lineage in a successful run's record. */
  public static LineageEvent of(RunRecord record) {
    List<LineageNode> inputs = new ArrayList<>();
    for (Pin pin : record.inputs()) {
      inputs.add(LineageNode.table(pin.version()));
    }
    inputs.addAll(record.reads());
    record
        .definitions()
        .forEach(
            (reference, digest) -> {
              boolean joined =
                  reference.startsWith("view ") && JOINING.contains(record.key().job());
              if (joined || reference.equals(Commands.definition(record.key()).orElse(""))) {
                inputs.add(LineageNode.definition(reference, digest));
              }
            });
    List<LineageNode> outputs = new ArrayList<>();
    for (TableVersion version : record.outputs()) {
      outputs.add(LineageNode.table(version));
    }
    outputs.addAll(record.writes());
    return new LineageEvent(record.run(), record.key(), record.ended(), inputs, outputs);
  }
}
