package io.tributary.online.redis;

import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.core.TableVersion;
import io.tributary.online.Differences;
import io.tributary.online.Layers;
import io.tributary.online.OnlineWriter;
import io.tributary.online.PartitionWriter;
import io.tributary.online.Publication;
import io.tributary.online.PublishedSnapshot;
import io.tributary.online.StackedRows;
import io.tributary.online.StoredView;
import io.tributary.online.WrittenPartition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.exceptions.JedisConnectionException;

/**
 * A partition is a {@link Part}, under keys of its own; a manifest and the pointer, set in one step
 * on the server, publish it.
 */
final class RedisWriter implements OnlineWriter {
  private static final Logger LOG = LoggerFactory.getLogger(RedisWriter.class);

  private final RedisAddress server;
  private final RedisClient client;
  private final Publications publications;
  private final StoredView view;
  private final PublishedSnapshot snapshot;
  private final Optional<Manifest> former;
  private final Runnable published;

  /** The runs of the former publication that stay; none where all is written. */
  private List<List<Part>> kept;

  /** What the ids of all parts of this writing begin with. */
  private final String generation = UUID.randomUUID().toString();

  /**
   * @param former what is published
   * @param published what is done once a publication is there
   */
  RedisWriter(
      RedisAddress server,
      RedisClient client,
      Publications publications,
      StoredView view,
      PublishedSnapshot snapshot,
      Optional<Manifest> former,
      Runnable published) {
    this.server = server;
    this.client = client;
    this.publications = publications;
    this.view = view;
    this.snapshot = snapshot;
    this.former = former;
    this.published = published;
    this.kept =
        former
            .filter(manifest -> manifest.codec() == Manifest.CODEC)
            .map(
                manifest ->
                    Differences.kept(
                        view,
                        snapshot,
                        manifest.publication(),
                        manifest.runs(),
                        Part::rows,
                        manifest.differences()))
            .orElse(List.of());
  }

  @Override
  public boolean writesDifferences() {
    return !kept.isEmpty();
  }

  @Override
  public void writeWhole() {
    kept = List.of();
  }

  /** Opens parts on a server. */
  private record NewParts(RedisAddress server, ViewKeys keys, String doing, String generation)
      implements PartitionWriter.Factory {
    @Override
    public PartWriter open() {
      return new PartWriter(
          new RedisClient(server),
          keys,
          doing,
          generation + "." + UUID.randomUUID().toString().substring(0, 8));
    }
  }

  /**
   * Opens parts that have what differs.
   *
   * @param former a manifest of what is kept, as JSON
   */
  private record NewDifferences(NewParts parts, String former) implements PartitionWriter.Factory {
    @Override
    public PartitionWriter open() {
      PartWriter part = parts.open();
      try {
        return Differences.writer(
            part,
            opened(part.client(), parts.keys(), Json.read(former, Manifest.class), parts.doing()));
      } catch (RuntimeException | Error e) {
        part.close();
        throw e;
      }
    }
  }

  private static OpenRows opened(
      RedisClient client, ViewKeys keys, Manifest manifest, String doing) {
    return OpenRows.open(client, keys, manifest)
        .orElseThrow(() -> new Parts(client, keys).lost(doing));
  }

  private String doing() {
    return "publish view " + view.id();
  }

  private ViewKeys keys() {
    return publications.keys();
  }

  private NewParts parts() {
    return new NewParts(server, keys(), doing(), generation);
  }

  @Override
  public PartitionWriter.Factory partitions() {
    return writesDifferences()
        ? new NewDifferences(parts(), Json.write(manifest(snapshot, kept)))
        : parts();
  }

  /** Names the rows of a layer. */
  private Manifest manifest(PublishedSnapshot of, List<List<Part>> runs) {
    return new Manifest(
        Manifest.FORMAT,
        Manifest.CODEC,
        view,
        former.map(Manifest::sequence).orElse(0L),
        generation,
        runs,
        List.of(new Manifest.Layer(of, runs)),
        0,
        Optional.empty(),
        Map.of());
  }

  @Override
  public Publication publish(List<WrittenPartition> partitions, Map<String, Object> record) {
    Optional<Manifest> present = publications.newest();
    present.ifPresent(manifest -> requireOwn(publications, manifest, snapshot));
    if (writesDifferences() && !present.equals(former)) {
      throw Layers.publishedMeanwhile(view.id(), null);
    }
    Manifest next =
        writesDifferences() && !partitions.isEmpty()
            ? differing(partitions, record)
            : whole(partitions, present, record);
    // It may have been set otherwise while rows were sent.
    client.requireLasting(doing());
    publish(present, next);
    published.run();
    return next.publication();
  }

  private Manifest differing(List<WrittenPartition> partitions, Map<String, Object> record) {
    List<WrittenPartition> all = new ArrayList<>(partitions);
    all.addAll(Differences.withdrawn(partitions, open(snapshot, kept), () -> parts().open()));
    List<List<Part>> runs = new ArrayList<>(kept);
    List<Part> parts = parts(all);
    if (!parts.isEmpty()) {
      runs.add(0, parts);
    }
    long number = publications.nextNumber();
    long rows = partitions.stream().mapToLong(WrittenPartition::rows).sum();
    long changed = all.stream().mapToLong(WrittenPartition::written).sum();
    Manifest.Layer layer = new Manifest.Layer(snapshot, runs);
    return next(
        number,
        List.of(layer),
        layer.runs(),
        rows,
        Optional.of(new Differences(number, rows, changed)),
        record);
  }

  private static List<Part> parts(Collection<WrittenPartition> partitions) {
    return partitions.stream()
        .flatMap(partition -> partition.receipt().stream())
        .map(receipt -> Json.read(receipt, Part.class))
        .toList();
  }

  private Manifest whole(
      List<WrittenPartition> partitions, Optional<Manifest> present, Map<String, Object> record) {
    List<Part> written = parts(partitions);
    List<Manifest.Layer> layers =
        Layers.counting(
            view,
            snapshot,
            new Manifest.Layer(snapshot, written.isEmpty() ? List.of() : List.of(written)),
            present.map(Manifest::publication),
            present.map(Manifest::layers).orElse(List.of()),
            Manifest.Layer::snapshot);
    boolean changesNothing = present.isPresent() && layers.equals(present.get().layers());
    List<List<Part>> runs = changesNothing ? present.get().runs() : merged(layers);
    return next(
        publications.nextNumber(),
        layers,
        runs,
        changesNothing ? present.get().rows() : rows(runs, layers.get(0)),
        present.flatMap(Manifest::differences),
        record);
  }

  private long rows(List<List<Part>> runs, Manifest.Layer newest) {
    return runs.size() < 2
        ? runs.stream().flatMap(List::stream).mapToLong(Part::rows).sum()
        : open(newest.snapshot(), runs).count();
  }

  private Manifest next(
      long number,
      List<Manifest.Layer> layers,
      List<List<Part>> runs,
      long rows,
      Optional<Differences> differences,
      Map<String, Object> record) {
    return new Manifest(
        Manifest.FORMAT,
        Manifest.CODEC,
        view,
        number,
        UUID.randomUUID().toString(),
        runs,
        layers,
        rows,
        differences,
        record);
  }

  /** Keys are by the project's name, which lakes may share: a lake is known by its table's id. */
  static void requireOwn(Publications at, Manifest present, PublishedSnapshot snapshot) {
    TableVersion before = present.layers().get(0).snapshot().snapshot();
    if (!before.id().equals(snapshot.snapshot().id())) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot publish view %s: what %s has of it was published from table %s, and this would be from %s, of another lake or of one that was made anew. Name another database or server in \"online\"; to replace what is there, remove the keys %s* and run it again."
              .formatted(
                  at.view(),
                  at.client().address(),
                  before,
                  snapshot.snapshot(),
                  at.keys().prefix()));
    }
  }

  private void publish(Optional<Manifest> present, Manifest next) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                present.map(Manifest::pointer).orElse(""),
                next.pointer(),
                String.valueOf(next.sequence()),
                Json.write(next)));
    next.allParts().stream()
        .map(Part::id)
        .filter(id -> id.startsWith(generation))
        .forEach(arguments::add);
    switch (outcome(next, arguments)) {
      case "DONE" -> LOG.debug("Publication {} is in force", next.pointer());
      case "CONFLICT" -> throw Layers.publishedMeanwhile(view.id(), null);
      default -> throw new Parts(client, keys()).lost(doing());
    }
  }

  /** What the server says; where the connection broke, the pointer says whether it was done. */
  private String outcome(Manifest next, List<String> arguments) {
    try {
      return (String)
          client.call(
              doing(),
              jedis ->
                  jedis.eval(
                      Scripts.PUBLISH,
                      List.of(
                          keys().now(), keys().publications(), keys().times(), keys().written()),
                      arguments));
    } catch (PlatformException e) {
      if (e.getCause() instanceof JedisConnectionException && isInForce(next, e)) {
        return "DONE";
      }
      throw e;
    }
  }

  private boolean isInForce(Manifest next, PlatformException broken) {
    try {
      return publications.pointer().equals(Optional.of(next.pointer()));
    } catch (PlatformException e) {
      broken.addSuppressed(e);
      return false;
    }
  }

  private List<List<Part>> merged(List<Manifest.Layer> layers) {
    layers.forEach(this::requirePresent);
    Manifest.Layer merged = layers.get(0);
    for (Manifest.Layer earlier : layers.subList(1, layers.size())) {
      merged = new Manifest.Layer(merged.snapshot(), merged(merged, earlier));
    }
    return merged.runs();
  }

  private void requirePresent(Manifest.Layer layer) {
    if (!layer.snapshot().equals(snapshot)
        && !new Parts(client, keys())
            .arePresent(doing(), layer.runs().stream().flatMap(List::stream).toList())) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot %s: rows of %s, which count beside it, are not on %s any more: the server lost or evicted them. Publish that instant again: tributary publish %s --at %s; if that fails for this instant's rows, remove the keys %s* and publish both."
              .formatted(
                  doing(),
                  layer.snapshot().instant(),
                  client.address(),
                  view.id(),
                  layer.snapshot().instant(),
                  keys().prefix()));
    }
  }

  private OpenRows open(PublishedSnapshot of, List<List<Part>> runs) {
    return opened(client, keys(), manifest(of, runs), doing());
  }

  private List<List<Part>> merged(Manifest.Layer later, Manifest.Layer earlier) {
    byte[] first = {};
    StackedRows a = open(later.snapshot(), later.runs()).from(first);
    StackedRows b = open(earlier.snapshot(), earlier.runs()).from(first);
    try (PartWriter writer = parts().open()) {
      Layers.merge(a, b, writer);
      return writer.finish().map(written -> parts(List.of(written))).stream().toList();
    }
  }

  /** What is in a publication is registered no more, and stays. */
  @Override
  public void close() {
    Parts parts = new Parts(client, keys());
    try (Stream<String> own =
        parts.written().keySet().stream().filter(id -> id.startsWith(generation))) {
      own.toList().forEach(parts::giveUp);
    } catch (PlatformException e) {
      if (e.code() != ErrorCode.STORAGE) {
        throw e;
      }
      LOG.warn("What was written stays for the next publication or tributary clean", e);
    }
  }
}
