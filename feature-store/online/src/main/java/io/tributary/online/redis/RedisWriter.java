package io.tributary.online.redis;

import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.online.Differences;
import io.tributary.online.Layers;
import io.tributary.online.OnlineWriter;
import io.tributary.online.Origin;
import io.tributary.online.PartitionWriter;
import io.tributary.online.Publication;
import io.tributary.online.PublishedSnapshot;
import io.tributary.online.StackedRows;
import io.tributary.online.StoredView;
import io.tributary.online.WrittenPartition;
import io.tributary.online.WrittenRows;
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
  private final Origin origin;
  private final Optional<Manifest> former;
  private final Runnable published;
  private final Differences.Plan<Part> plan;

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
      Origin origin,
      Optional<Manifest> former,
      Runnable published) {
    this.server = server;
    this.client = client;
    this.publications = publications;
    this.view = view;
    this.snapshot = snapshot;
    this.origin = origin;
    this.former = former;
    this.published = published;
    Optional<Manifest> beside = beside(former);
    this.plan =
        new Differences.Plan<>(
            view,
            snapshot,
            beside
                .filter(manifest -> manifest.codec() == Manifest.CODEC)
                .map(Manifest::publication),
            beside.map(Manifest::runs).orElse(List.of()),
            Part::rows,
            beside.flatMap(Manifest::pause));
  }

  /** What this stands beside: what is published, unless it replaces another lake's. */
  private Optional<Manifest> beside(Optional<Manifest> present) {
    return origin
        .beside(present.map(Manifest::publication), snapshot, client.address())
        .flatMap(own -> present);
  }

  @Override
  public boolean writesDifferences() {
    return plan.isOfDifferences();
  }

  @Override
  public void writeWhole() {
    plan.writeWhole();
    giveUp();
  }

  @Override
  public Optional<WrittenRows> complete(List<WrittenPartition> partitions) {
    Optional<WrittenRows> written =
        plan.complete(partitions, () -> open(snapshot, plan.kept()), () -> parts().open());
    if (written.isEmpty()) {
      giveUp();
    }
    return written;
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
  private record NewDifferences(NewParts parts, String former, long limit)
      implements PartitionWriter.Factory {
    @Override
    public PartitionWriter open() {
      PartWriter part = parts.open();
      try {
        return Differences.writer(
            part,
            opened(part.client(), parts.keys(), Json.read(former, Manifest.class), parts.doing()),
            limit);
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
        ? new NewDifferences(parts(), Json.write(manifest(snapshot, plan.kept())), plan.limit())
        : parts();
  }

  /** Names the rows of a layer. */
  private Manifest manifest(PublishedSnapshot of, List<List<Part>> runs) {
    return new Manifest(
        Manifest.FORMAT,
        Manifest.CODEC,
        view,
        Optional.of(origin.lake()),
        former.map(Manifest::sequence).orElse(0L),
        generation,
        runs,
        List.of(new Manifest.Layer(of, runs)),
        0,
        Optional.empty(),
        Map.of());
  }

  @Override
  public Publication publish(WrittenRows written, Map<String, Object> record) {
    Optional<Manifest> present = publications.newest();
    if (writesDifferences() && !present.equals(former)) {
      throw Layers.publishedMeanwhile(view.id(), null);
    }
    List<Part> parts =
        written.receipts().stream().map(receipt -> Json.read(receipt, Part.class)).toList();
    Manifest next =
        writesDifferences()
            ? differing(written.rows(), parts, record)
            : whole(parts, present, record);
    // It may have been set otherwise while rows were sent.
    client.requireLasting(doing());
    publish(present, next);
    published.run();
    return next.publication();
  }

  private Manifest differing(long rows, List<Part> parts, Map<String, Object> record) {
    Manifest.Layer layer = new Manifest.Layer(snapshot, plan.with(parts));
    return next(List.of(layer), layer.runs(), Manifest.CODEC, rows, record);
  }

  private Manifest whole(
      List<Part> written, Optional<Manifest> present, Map<String, Object> record) {
    Optional<Manifest> beside = beside(present);
    Manifest.Layer added =
        new Manifest.Layer(snapshot, written.isEmpty() ? List.of() : List.of(written));
    List<Manifest.Layer> layers =
        Layers.counting(
            view,
            snapshot,
            added,
            beside.map(Manifest::publication),
            beside.map(Manifest::layers).orElse(List.of()),
            Manifest.Layer::snapshot);
    boolean changesNothing = beside.isPresent() && layers.equals(beside.get().layers());
    List<List<Part>> runs = changesNothing ? beside.get().runs() : merged(layers);
    return next(
        layers,
        runs,
        layers.equals(List.of(added))
            ? Manifest.CODEC
            : beside.map(Manifest::codec).orElse(Manifest.CODEC),
        changesNothing ? beside.get().rows() : rows(runs, layers.get(0)),
        record);
  }

  private long rows(List<List<Part>> runs, Manifest.Layer newest) {
    return runs.size() < 2
        ? runs.stream().flatMap(List::stream).mapToLong(Part::rows).sum()
        : open(newest.snapshot(), runs).count();
  }

  private Manifest next(
      List<Manifest.Layer> layers,
      List<List<Part>> runs,
      int codec,
      long rows,
      Map<String, Object> record) {
    return new Manifest(
        Manifest.FORMAT,
        codec,
        view,
        Optional.of(origin.lake()),
        publications.nextNumber(),
        UUID.randomUUID().toString(),
        runs,
        layers,
        rows,
        plan.pause(),
        record);
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
      return new WrittenRows(writer.finish().stream().toList())
          .receipts().stream().map(receipt -> List.of(Json.read(receipt, Part.class))).toList();
    }
  }

  @Override
  public void close() {
    giveUp();
  }

  /** What is in a publication is registered no more, and stays. */
  private void giveUp() {
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
