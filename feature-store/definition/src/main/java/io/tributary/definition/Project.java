package io.tributary.definition;

import io.tributary.core.ColumnReference;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.ProjectRevision;
import io.tributary.core.SuspectUse;
import io.tributary.definition.internal.FolderRevision;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A user's project: a folder of definitions, read and checked as far as that needs neither data nor
 * an SQL parser.
 *
 * @param folder the folder, absolute
 * @param lake where the tables lie, a path or a Hadoop URI; absolute if it is local
 * @param online where features are published
 * @param lineage where lineage is recorded
 * @param retention how long old table versions stay readable
 * @param suspect what becomes of the use of what somebody marked as suspect
 * @param serving what servers record of what they answered
 * @param airflow the Airflow that runs the pipelines, without what follows {@code /api}
 * @param credentials how to sign in at databases, by the names that sources use, and under {@code
 *     online} at the online store
 * @param receivers who is notified of breaches
 */
public record Project(
    String name,
    Path folder,
    ZoneId zone,
    String lake,
    OnlineAddress online,
    List<String> lineage,
    Duration retention,
    SuspectUse suspect,
    Recording serving,
    Optional<URI> airflow,
    Map<String, Source> sources,
    Map<ViewId, FeatureView> views,
    Map<String, TrainingSet> trainingSets,
    Map<String, Model> models,
    Map<String, ScoreSet> scores,
    Map<String, Monitor> monitors,
    Map<String, Pipeline> pipelines,
    Map<String, Credential> credentials,
    List<Receiver> receivers) {
  private static final String SOURCE = "source ";

  public Project {
    lineage = List.copyOf(lineage);
    sources = sorted(sources);
    views = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(views));
    trainingSets = sorted(trainingSets);
    models = sorted(models);
    scores = sorted(scores);
    monitors = sorted(monitors);
    pipelines = sorted(pipelines);
    credentials = sorted(credentials);
    receivers = List.copyOf(receivers);
  }

  /** The tags that a column has now; empty where it is none that a source declares. */
  public Optional<Set<String>> tags(ColumnReference column) {
    return Optional.of(column.thing())
        .filter(thing -> thing.startsWith(SOURCE))
        .map(thing -> sources.get(thing.substring(SOURCE.length())))
        .flatMap(
            source ->
                source.columns().stream().filter(c -> c.name().equals(column.column())).findFirst())
        .map(Column::tags);
  }

  /** Which state of its folder it is; asks git, and reads every definition file. */
  public ProjectRevision revision() {
    return FolderRevision.of(folder);
  }

  /**
   * The pipeline of a name, or the only one.
   *
   * @param doing what is refused without one, {@code run project shop}
   * @throws PlatformException INVALID_REQUEST where none has the name, or several could be meant
   */
  public Pipeline pipeline(String doing, List<String> names) {
    if (names.size() == 1 && pipelines.containsKey(names.get(0))) {
      return pipelines.get(names.get(0));
    }
    if (names.isEmpty() && pipelines.size() == 1) {
      return pipelines.values().iterator().next();
    }
    throw new PlatformException(
        ErrorCode.INVALID_REQUEST,
        "Cannot %s: %s"
            .formatted(
                doing,
                pipelines.isEmpty()
                    ? "it has no pipeline. Add one in pipelines/."
                    : "it is not clear which pipeline is meant. Name one of "
                        + pipelines.keySet()
                        + "."));
  }

  private static <T> Map<String, T> sorted(Map<String, T> map) {
    return java.util.Collections.unmodifiableMap(new java.util.TreeMap<>(map));
  }
}
