package io.tributary.serving;

import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.TableVersion;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.definition.ViewId;
import io.tributary.events.lake.LakeIdentity;
import io.tributary.online.KeyCodec;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.online.OnlineWriter;
import io.tributary.online.Origin;
import io.tributary.online.PartitionWriter;
import io.tributary.online.PublishedSnapshot;
import io.tributary.online.RowCodec;
import io.tributary.online.StoredColumn;
import io.tributary.online.StoredFeature;
import io.tributary.online.StoredRow;
import io.tributary.online.StoredView;
import io.tributary.serving.access.Access;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A small project with an online store, and what is published of it. */
final class Shop {
  static final Instant NIGHT = Instant.parse("2024-02-28T22:59:59.999999Z");
  static final Instant EVENT = Instant.parse("2024-02-27T10:00:00Z");

  static final StoredView BASKETS =
      view(
          "baskets@2",
          List.of(new StoredColumn("customer", "string")),
          List.of(
              new StoredFeature(
                  "orders_7d", "bigint", Optional.of(IntNode.valueOf(0)), Optional.empty()),
              feature("spent_7d", "double"),
              new StoredFeature(
                  "segment", "string", Optional.empty(), Optional.of(TextNode.valueOf("none")))),
          Optional.of(Duration.ofDays(30)));

  static final StoredView SHOPS =
      view(
          "shops@1",
          List.of(new StoredColumn("shop", "int"), new StoredColumn("opened", "date")),
          List.of(
              feature("rent", "decimal(10,2)"),
              feature("seen", "timestamp"),
              feature("closed", "boolean"),
              feature("day", "date"),
              feature("logo", "binary"),
              feature("prices", "array<double>"),
              feature("by_hour", "map<string,bigint>"),
              feature("place", "struct<town:string,floor:int>"),
              feature("share", "double")),
          Optional.empty());

  /** Of {@code request@1}, whose expression it reads itself. */
  static final OnDemandCompiler COMPILER = project -> List.of(new Cheap());

  private final Path folder;
  private final Project project;

  /** What {@code cheap: price < 3} and {@code rounded: cast(price as bigint)} mean. */
  private static final class Cheap implements OnDemandView {
    @Override
    public StoredView view() {
      return Shop.view(
          "request@1",
          List.of(
              new StoredColumn("price", "double"),
              new StoredColumn("asked", "timestamp"),
              new StoredColumn("tags", "array<string>")),
          List.of(
              new StoredFeature(
                  "cheap", "boolean", Optional.empty(), Optional.of(BooleanNode.FALSE)),
              feature("rounded", "bigint"),
              feature("asked", "timestamp"),
              feature("tags", "array<string>")),
          Optional.empty());
    }

    @Override
    public Set<String> needs(Set<String> features) {
      return features.stream()
          .map(feature -> Set.of("cheap", "rounded").contains(feature) ? "price" : feature)
          .collect(Collectors.toSet());
    }

    @Override
    public List<List<Object>> compute(List<List<Object>> rows, Set<String> features) {
      return rows.stream().map(row -> row(row, features)).toList();
    }

    private static List<Object> row(List<Object> row, Set<String> features) {
      Double price = (Double) row.get(0);
      if (price != null && price > 1e18 && features.contains("rounded")) {
        throw new PlatformException(
            ErrorCode.INVALID_VALUE, "Cannot compute feature rounded of request@1: overflow.");
      }
      return Arrays.asList(
          price == null ? null : price < 3,
          price == null ? null : price.longValue(),
          row.get(1),
          row.get(2));
    }
  }

  private Shop(Path folder, Project project) {
    this.folder = folder;
    this.project = project;
  }

  private static StoredFeature feature(String name, String type) {
    return new StoredFeature(name, type, Optional.empty(), Optional.empty());
  }

  private static StoredView view(
      String id, List<StoredColumn> keys, List<StoredFeature> features, Optional<Duration> stale) {
    return new StoredView(ViewId.parse(id), Digest.of(id), keys, features, Optional.empty(), stale);
  }

  static StoredView view(
      String id, List<StoredColumn> keys, Digest definition, String... features) {
    return new StoredView(
        ViewId.parse(id),
        definition,
        keys,
        Arrays.stream(features).map(name -> feature(name, "string")).toList(),
        Optional.empty(),
        Optional.empty());
  }

  static Shop in(Path folder) throws IOException {
    Map<String, String> files =
        Map.of(
            "tributary.yaml",
            "project: acme\nzone: Europe/Berlin\nlake: lake\nonline: rocksdb:online\n",
            "sources/orders.yaml",
            """
            source: orders
            read: {format: csv, path: "orders*.csv", header: true}
            columns: {customer: string, shop: int, opened: date, amount: double, at: timestamp}
            event-time: at
            """,
            "features/baskets_1.yaml",
            "view: baskets@1\nentity: [customer]\nsource: orders\nfeatures:\n  orders: count(*) over 7d\n",
            "features/baskets_2.yaml",
            """
            view: baskets@2
            description: What a customer bought.
            entity: [customer]
            source: orders
            max-staleness: 30d
            accuracy: snapshot
            features:
              orders: count(*) over 7d
            """,
            "features/shops.yaml",
            "view: shops@1\nentity: [shop, opened]\nsource: orders\nfeatures:\n  amount: amount\n",
            "features/hidden.yaml",
            "view: hidden@1\nonline: false\nentity: [shop]\nsource: orders\nfeatures:\n  amount: amount\n",
            "features/request.yaml",
            """
            view: request@1
            description: What is asked about.
            request: {price: double, asked: timestamp, tags: array<string>}
            features:
              cheap: price < 3
              rounded: cast(price as bigint)
              asked: asked
              tags: tags
            default: {cheap: false}
            """);
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path path = folder.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue());
    }
    Shop shop = of(folder);
    LakeIdentity.ensure(shop.lake(), new LakeIdentity.Build(NIGHT, "unknown", false));
    return shop;
  }

  /** The shop that a folder has. */
  static Shop of(Path folder) {
    return new Shop(folder, ProjectReader.read(folder, Map.of(), Optional.empty()));
  }

  Project project() {
    return project;
  }

  String lake() {
    return project.lake();
  }

  /** Its tokens, as they are in its lake. */
  Access access() {
    return Access.open(lake(), project.name());
  }

  OnlineStore open() {
    return OnlineStores.open("rocksdb:" + folder.resolve("online"));
  }

  static StoredRow row(Instant at, Object... values) {
    return new StoredRow(Optional.of(EVENT), Optional.of(EVENT), at, Arrays.asList(values));
  }

  static void publish(
      OnlineStore store, StoredView view, Instant at, Map<List<Object>, StoredRow> rows) {
    publish(store, view, at, rows, Map.of("run", "r1"));
  }

  static void publish(
      OnlineStore store,
      StoredView view,
      Instant at,
      Map<List<Object>, StoredRow> rows,
      Map<String, Object> record) {
    OnlineWriter writer =
        store.begin(
            view,
            new PublishedSnapshot(
                at, TableVersion.parse("features.x_v1@3#table"), Map.of("validated.orders", 1L)),
            Origin.of("shop"));
    TreeMap<byte[], StoredRow> ordered = new TreeMap<>(Arrays::compareUnsigned);
    rows.forEach((key, row) -> ordered.put(KeyCodec.encode(view.keys(), key), row));
    try (PartitionWriter partition = writer.partitions().open()) {
      ordered.forEach((key, row) -> partition.add(key, RowCodec.encode(row)));
      writer.publish(writer.complete(partition.finish().stream().toList()).orElseThrow(), record);
    }
  }

  /** Each customer with the same numbers. */
  static void publishBaskets(OnlineStore store, Instant at, long orders, String... customers) {
    Map<List<Object>, StoredRow> rows = new java.util.LinkedHashMap<>();
    for (String customer : customers) {
      rows.put(List.of(customer), row(at, orders, orders * 1.5, "s" + orders));
    }
    publish(store, BASKETS, at, rows);
  }
}
