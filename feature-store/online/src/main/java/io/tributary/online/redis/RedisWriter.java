package io.tributary.online.redis;

import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.core.TableVersion;
import io.tributary.online.Layers;
import io.tributary.online.OnlineWriter;
import io.tributary.online.PartitionWriter;
import io.tributary.online.Publication;
import io.tributary.online.PublishedSnapshot;
import io.tributary.online.StoredView;
import io.tributary.online.WrittenPartition;
import java.util.ArrayList;
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
  private final Runnable published;

  /** What the ids of all parts of this writing begin with. */
  private final String generation = UUID.randomUUID().toString();

  /**
   * @param published what is done once a publication is there
   */
  RedisWriter(
      RedisAddress server,
      RedisClient client,
      Publications publications,
      StoredView view,
      PublishedSnapshot snapshot,
      Runnable published) {
    this.server = server;
    this.client = client;
    this.publications = publications;
    this.view = view;
    this.snapshot = snapshot;
    this.published = published;
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

  private String doing() {
    return "publish view " + view.id();
  }

  private ViewKeys keys() {
    return publications.keys();
  }

  @Override
  public NewParts partitions() {
    return new NewParts(server, keys(), doing(), generation);
  }

  @Override
  public Publication publish(List<WrittenPartition> partitions, Map<String, Object> record) {
    Manifest.Layer added =
        new Manifest.Layer(
            snapshot, partitions.stream().map(p -> Json.read(p.receipt(), Part.class)).toList());
    Optional<Manifest> present = publications.newest();
    present.ifPresent(manifest -> requireOwn(publications, manifest, snapshot));
    List<Manifest.Layer> layers =
        Layers.counting(
            view,
            snapshot,
            added,
            present.map(Manifest::publication),
            present.map(Manifest::layers).orElse(List.of()),
            Manifest.Layer::snapshot);
    List<Part> parts =
        present.isPresent() && layers.equals(present.get().layers())
            ? present.get().parts()
            : merged(layers);
    Manifest next =
        new Manifest(
            Manifest.FORMAT,
            Manifest.CODEC,
            view,
            publications.nextNumber(),
            UUID.randomUUID().toString(),
            parts,
            layers,
            parts.stream().mapToLong(Part::rows).sum(),
            record);
    // It may have been set otherwise while rows were sent.
    client.requireLasting(doing());
    publish(present, next);
    published.run();
    return next.publication();
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

  private List<Part> merged(List<Manifest.Layer> layers) {
    layers.forEach(this::requirePresent);
    List<Part> parts = layers.get(0).parts();
    for (Manifest.Layer earlier : layers.subList(1, layers.size())) {
      parts = merged(parts, earlier.parts());
    }
    return parts;
  }

  private void requirePresent(Manifest.Layer layer) {
    if (!layer.snapshot().equals(snapshot)
        && !new Parts(client, keys()).arePresent(doing(), layer.parts())) {
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

  private OpenRows open(List<Part> parts) {
    Manifest read =
        new Manifest(
            Manifest.FORMAT, Manifest.CODEC, view, 0, generation, parts, List.of(), 0, Map.of());
    return OpenRows.open(client, keys(), read)
        .orElseThrow(() -> new Parts(client, keys()).lost(doing()));
  }

  private List<Part> merged(List<Part> later, List<Part> earlier) {
    OpenRows.Cursor a = open(later).cursor();
    OpenRows.Cursor b = open(earlier).cursor();
    try (PartWriter writer = partitions().open()) {
      Layers.merge(a, b, writer);
      return writer.finish().stream().map(p -> Json.read(p.receipt(), Part.class)).toList();
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
