package io.tributary.online.redis;

import io.tributary.definition.ViewId;
import io.tributary.online.Answer;
import io.tributary.online.FormerPublications;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineWriter;
import io.tributary.online.Origin;
import io.tributary.online.Parity;
import io.tributary.online.Publication;
import io.tributary.online.PublishedRows;
import io.tributary.online.PublishedSnapshot;
import io.tributary.online.StoredPiece;
import io.tributary.online.StoredRow;
import io.tributary.online.StoredView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * An online store in a Redis server. The rows of a publication are in hashes that never change; a
 * pointer names the manifest of the one that is read.
 */
final class RedisOnlineStore implements OnlineStore {
  private static final Duration REFRESH = Duration.ofSeconds(1);

  /** Whoever has not written for so long is not there any more. */
  private static final Duration ABANDONED = Duration.ofDays(1);

  /** Readers look every second for what replaced a publication. */
  private static final Duration UNREAD = Duration.ofHours(1);

  private static final String PUBLICATION = "publication-";
  private static final String ROWS = "rows";
  private static final String PART = "part-";

  private final RedisAddress server;
  private final RedisClient client;
  private final CurrentPublications current;

  RedisOnlineStore(RedisAddress server) {
    this(server, REFRESH);
  }

  RedisOnlineStore(RedisAddress server, Duration refresh) {
    this.server = server;
    this.client = new RedisClient(server);
    this.current = new CurrentPublications(client, this::at, this::neverPublished, refresh);
  }

  @Override
  public String address() {
    return client.address();
  }

  @Override
  public Factory factory() {
    RedisAddress same = server;
    return () -> new RedisOnlineStore(same);
  }

  private Publications at(ViewId view) {
    return new Publications(client, ViewKeys.of(server.project(), view), view);
  }

  @Override
  public List<List<Answer>> readAll(ViewId view, List<? extends List<?>> keys, Instant at) {
    return current.read(
        view,
        open -> {
          StoredView stored = open.manifest().view();
          return open.tryFindAll(keys)
              .map(
                  rows -> {
                    List<List<Answer>> answers = new ArrayList<>(keys.size());
                    for (Optional<StoredRow> row : rows) {
                      answers.add(stored.answers(row, at));
                    }
                    return answers;
                  });
        });
  }

  @Override
  public Publication inForce(ViewId view) {
    return current.inForce(view).manifest().publication();
  }

  @Override
  public void refresh() {
    current.refresh();
  }

  /** Views that anything was ever written of. */
  private List<ViewId> written() {
    return client
        .read("list the views", jedis -> jedis.smembers(ViewKeys.views(server.project())))
        .stream()
        .map(ViewId::parse)
        .sorted()
        .toList();
  }

  @Override
  public List<ViewId> views() {
    return written().stream().filter(view -> at(view).pointer().isPresent()).toList();
  }

  @Override
  public Optional<Publication> publication(ViewId view) {
    return at(view).newest().map(Manifest::publication);
  }

  @Override
  public Optional<Publication> publication(ViewId view, long sequence) {
    return at(view).find(sequence).map(Manifest::publication);
  }

  /**
   * Where the server has lost the pointer or rows of the newest, all of its instants are left out,
   * so that whoever published one of them does so again.
   */
  @Override
  public List<Publication> publications(ViewId view) {
    Publications at = at(view);
    Optional<Manifest> inForce = at.newest();
    List<Publication> all = new ArrayList<>();
    at.all().forEach(manifest -> all.add(manifest.publication()));
    boolean isWhole =
        inForce
            .map(
                manifest ->
                    new Parts(client, at.keys())
                        .arePresent(
                            "look for the rows of " + view, List.copyOf(manifest.allParts())))
            .orElse(all.isEmpty());
    if (!isWhole && !all.isEmpty()) {
      Set<Instant> lost = new HashSet<>();
      all.get(all.size() - 1).snapshots().forEach(snapshot -> lost.add(snapshot.instant()));
      all.removeIf(publication -> lost.contains(publication.instant()));
    }
    return all;
  }

  @Override
  public PublishedRows rows(Publication publication) {
    ViewId view = publication.view().id();
    Publications at = at(view);
    Manifest manifest = at.find(publication.sequence()).orElseThrow(() -> neverPublished(view));
    return OpenRows.open(client, at.keys(), manifest)
        .orElseThrow(() -> OpenRows.gone(client, manifest));
  }

  @Override
  public OnlineWriter begin(StoredView view, PublishedSnapshot snapshot, Origin origin) {
    Publications at = at(view.id());
    String doing = "publish view " + view.id();
    client.requireLasting(doing);
    Optional<Manifest> present = at.newest();
    RedisWriter writer =
        new RedisWriter(
            server,
            client,
            at,
            view,
            snapshot,
            origin,
            present,
            () -> current.published(view.id()));
    Parts parts = new Parts(client, at.keys());
    Instant abandoned = Instant.now().minus(ABANDONED);
    parts
        .written()
        .forEach(
            (id, state) -> {
              if (state.touched().isBefore(abandoned)) {
                parts.giveUp(id);
              }
            });
    parts.removeGoing();
    parts.remove(at.unread(Instant.now().minus(UNREAD)));
    client.call(doing, jedis -> jedis.sadd(ViewKeys.views(server.project()), view.id().toString()));
    return writer;
  }

  @Override
  public Optional<Parity> parity(Publication publication) {
    return at(publication.view().id()).parity(publication);
  }

  @Override
  public void keep(Publication publication, Parity parity) {
    at(publication.view().id()).add(publication, parity);
  }

  @Override
  public FormerPublications former(Instant replacedBefore, Predicate<Publication> asked) {
    List<Publication> gone = new ArrayList<>();
    List<Publication> staying = new ArrayList<>();
    List<StoredPiece> pieces = new ArrayList<>();
    for (ViewId view : written()) {
      Publications at = at(view);
      List<Manifest> stay = at.all();
      if (stay.isEmpty() || !asked.test(stay.get(stay.size() - 1).publication())) {
        continue;
      }
      for (Manifest go : at.replacedBefore(replacedBefore)) {
        List<Part> only =
            new Parts(client, at.keys())
                .present("look for former rows", List.copyOf(Publications.only(go, stay)));
        stay.removeIf(manifest -> manifest.sequence() == go.sequence());
        gone.add(go.publication());
        pieces.add(
            new StoredPiece(
                view.toString(),
                view + "/" + PUBLICATION + go.sequence(),
                only.stream().mapToLong(Part::bytes).sum(),
                replacedBefore));
      }
      stay.forEach(manifest -> staying.add(manifest.publication()));
      List<Part> unread = new ArrayList<>(at.unread(Instant.now().minus(UNREAD)));
      unread.retainAll(stay.stream().flatMap(m -> m.allParts().stream()).toList());
      if (!unread.isEmpty()) {
        pieces.add(
            new StoredPiece(
                view.toString(),
                view + "/" + ROWS,
                unread.stream().mapToLong(Part::bytes).sum(),
                replacedBefore));
      }
    }
    return new FormerPublications(gone, staying, pieces);
  }

  @Override
  public List<StoredPiece> unused() {
    List<StoredPiece> unused = new ArrayList<>();
    for (ViewId view : written()) {
      Parts parts = new Parts(client, ViewKeys.of(server.project(), view));
      Map<String, Instant> touched = new HashMap<>();
      Map<String, Parts.State> states = new HashMap<>(parts.going());
      states.putAll(parts.written());
      // A part is ended long before the last one of its publication is.
      states.forEach(
          (id, state) ->
              touched.merge(generation(id), state.touched(), (a, b) -> a.isAfter(b) ? a : b));
      states.entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(
              part ->
                  unused.add(
                      new StoredPiece(
                          view.toString(),
                          view + "/" + PART + part.getKey(),
                          part.getValue().bytes(),
                          touched.get(generation(part.getKey())))));
    }
    return unused;
  }

  private static String generation(String part) {
    return part.substring(0, part.indexOf('.'));
  }

  @Override
  public void remove(String piece) {
    ViewId view = ViewId.parse(piece.substring(0, piece.indexOf('/')));
    String name = piece.substring(piece.indexOf('/') + 1);
    if (name.startsWith(PUBLICATION)) {
      at(view).retire(Long.parseLong(name.substring(PUBLICATION.length())));
    } else if (name.equals(ROWS)) {
      new Parts(client, at(view).keys()).remove(at(view).unread(Instant.now().minus(UNREAD)));
    } else {
      new Parts(client, ViewKeys.of(server.project(), view)).giveUp(name.substring(PART.length()));
    }
  }

  @Override
  public void close() {
    current.close();
    client.close();
  }
}
