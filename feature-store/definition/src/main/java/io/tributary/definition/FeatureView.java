package io.tributary.definition;

import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A feature view: features of an entity computed from one source, or (with {@code request} in place
 * of entity and source) from what a request brings.
 *
 * @param entity the columns of the source that name the entity; empty for an on-demand view
 * @param request the columns of a request, by name, in order; empty for a view over a source
 * @param where events for which it is not true are not seen
 * @param derived features computed from the features above them
 * @param ttl how old the winning event of a look-up may be; empty = unbounded
 * @param tieBreak source columns that order events of equal event and known time
 * @param refuseAmbiguity whether an ambiguous look-up is an error; else it is counted
 * @param knowledgeTime whether known time bounds what is visible; true unless said
 * @param publishDelay how long after its instant a snapshot is served
 * @param maxStaleness a snapshot older than this reads as absent
 * @param defaults values that replace a null, by feature
 * @param zone decides {@code hour(…)} and its like
 */
public record FeatureView(
    ViewId id,
    String description,
    String owner,
    List<String> entity,
    Map<String, ColumnType> request,
    Optional<String> source,
    Optional<SqlText> where,
    List<Feature> features,
    List<Derivation> derived,
    Optional<Duration> ttl,
    List<String> tieBreak,
    boolean refuseAmbiguity,
    boolean knowledgeTime,
    Accuracy accuracy,
    Duration publishDelay,
    Optional<Duration> maxStaleness,
    boolean online,
    Map<String, String> defaults,
    ZoneId zone,
    List<String> tags,
    String status,
    SourceLocation location) {
  public FeatureView {
    entity = List.copyOf(entity);
    request = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(request));
    features = List.copyOf(features);
    derived = List.copyOf(derived);
    tieBreak = List.copyOf(tieBreak);
    defaults = Map.copyOf(defaults);
    tags = List.copyOf(tags);
  }

  /** Whether it is computed from a request and has neither events nor snapshots. */
  public boolean isOnDemand() {
    return !request.isEmpty();
  }

  /**
   * How old the newest event of a stored row may be when the row is read: the TTL of a view of
   * look-ups alone. With a window beside them a row doesn't expire; there the TTL counts at the
   * instant of its snapshot.
   */
  public Optional<Duration> servedTtl() {
    return features.stream().allMatch(f -> f instanceof Feature.Lookup) ? ttl : Optional.empty();
  }

  /** Names of all features, derived ones last, in the order of the file. */
  public List<String> featureNames() {
    List<String> names = new java.util.ArrayList<>();
    features.forEach(f -> names.add(f.name()));
    derived.forEach(d -> names.add(d.name()));
    return names;
  }
}
