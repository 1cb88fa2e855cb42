package io.tributary.online;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.definition.ViewId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The manifest of one published view: what it holds, for which instant, in which files, and what it
 * was made of.
 *
 * @param format of the manifest, from 1
 * @param codec of keys and rows as bytes, from 1: {@link KeyCodec} and {@link RowCodec}
 * @param sequence from 1, one more than the publication it replaces
 * @param definition the view's definition digest
 * @param instant the newest instant that it holds values for; rows carry their own
 * @param keys the entity columns in their order
 * @param schema the digest of the names and types of keys and features that the files were written
 *     with
 * @param ttl how old a row's event may be at the instant of a question; only for look-up views
 * @param maxStaleness how old {@code instant} may be at the instant of a question
 * @param files what readers see, of all layers; ascending by key, not overlapping
 * @param layers the snapshots that it is made of, the latest instant first; each knows deliveries
 *     that none before it does
 * @param change what it adds to the publication that it replaced, and withdraws; empty for the
 *     first
 * @param record what made it, for the run log: run, inputs, fingerprint
 */
public record Publication(
    int format,
    int codec,
    ViewId view,
    long sequence,
    Digest definition,
    Instant instant,
    List<Field> keys,
    List<StoredFeature> features,
    Digest schema,
    Optional<Duration> ttl,
    Optional<Duration> maxStaleness,
    List<SstFile> files,
    List<Layer> layers,
    long rows,
    Optional<Change> change,
    Map<String, Object> record) {
  static final int FORMAT = 1;
  static final int CODEC = 1;

  public Publication {
    keys = List.copyOf(keys);
    features = List.copyOf(features);
    files = List.copyOf(files);
    layers = List.copyOf(layers);
    Set<String> names = new HashSet<>();
    for (StoredFeature feature : features) {
      if (!names.add(feature.name())) {
        throw new PlatformException(
            ErrorCode.BUG,
            "Cannot publish view "
                + view
                + ": two features are named \""
                + feature.name()
                + "\". Report this as a bug.");
      }
    }
  }

  /**
   * Whether another publication's rows can stand beside this one's: same keys and features, by name
   * and type.
   */
  boolean hasColumnsOf(Publication other) {
    return schema.equals(other.schema);
  }

  /** The names and types of stored columns, as people read them. */
  static String columns(List<Field> keys, List<StoredFeature> features) {
    return Stream.concat(keys.stream(), features.stream().map(StoredFeature::field))
        .map(field -> field.name() + " " + field.type())
        .collect(Collectors.joining(", "));
  }

  static Digest schema(List<Field> keys, List<StoredFeature> features) {
    return Digest.of(
        Json.write(List.of(keys, features.stream().map(StoredFeature::field).toList())));
  }

  /** The same with other rows, at the instant of the latest of their layers. */
  Publication of(List<Layer> layers, List<SstFile> files) {
    return new Publication(
        format,
        codec,
        view,
        sequence,
        definition,
        layers.get(0).instant(),
        keys,
        features,
        schema,
        ttl,
        maxStaleness,
        files,
        layers,
        files.stream().mapToLong(SstFile::rows).sum(),
        change,
        record);
  }

  /** The same in place of another one. */
  Publication after(Publication former) {
    return new Publication(
        format,
        codec,
        view,
        former.sequence() + 1,
        definition,
        instant,
        keys,
        features,
        schema,
        ttl,
        maxStaleness,
        files,
        layers,
        rows,
        Optional.of(Change.between(former, files)),
        record);
  }

  /**
   * The layers of this publication with another one: of two snapshots at one instant the new one
   * counts, and one that knows no delivery beyond a later one does not count.
   */
  List<Layer> layersWith(Layer added) {
    List<Layer> all = new ArrayList<>(layers);
    all.removeIf(layer -> layer.instant().equals(added.instant()));
    all.add(added);
    all.sort(Comparator.comparing(Layer::instant).reversed());
    List<Layer> counting = new ArrayList<>();
    for (Layer layer : all) {
      if (counting.stream().allMatch(layer::knowsMoreThan)) {
        counting.add(layer);
      }
    }
    return counting;
  }
}
