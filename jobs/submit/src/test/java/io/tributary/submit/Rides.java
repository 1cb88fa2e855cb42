package io.tributary.submit;

import io.tributary.core.Digest;
import io.tributary.core.TableName;
import io.tributary.definition.ViewId;
import io.tributary.lake.ContentDigest;
import io.tributary.lake.Lake;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.online.PublishedRows;
import io.tributary.online.RowCodec;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** A project with one thing of each kind, over a ride an hour of January 2024. */
final class Rides {
  private static final int COUNT = 31 * 24;

  private Rides() {}

  /** Puts the project, with its data, into a folder. */
  static Path copyTo(Path folder) throws IOException {
    Path project = project();
    try (Stream<Path> files = Files.walk(project)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = folder.resolve(project.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
    StringBuilder csv = new StringBuilder("id,driver,kilometres,starts,delay\n");
    Instant first = Instant.parse("2024-01-01T00:00:00Z");
    for (int id = 0; id < COUNT; id++) {
      csv.append(id)
          .append(",d")
          .append(id % 3)
          .append(',')
          .append(id % 17 + 0.25)
          .append(',')
          .append(first.plusSeconds(3_600L * id))
          .append(',')
          .append(id % 7 * (id % 3 + 2))
          .append('\n');
    }
    Files.createDirectories(folder.resolve("data"));
    Files.writeString(folder.resolve("data/rides.csv"), csv);
    return folder;
  }

  private static Path project() {
    try {
      return Path.of(Rides.class.getResource("/rides/tributary.yaml").toURI()).getParent();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * The digest of each table's rows, without the runs that wrote them, and of what is published.
   */
  static Map<String, String> contents(Path folder) {
    Map<String, String> contents = new TreeMap<>();
    try (Lake lake = Lake.open(folder.toString())) {
      for (TableName table : lake.tables()) {
        if (!table.layer().equals("platform")) {
          Dataset<Row> rows = lake.table(table).read(lake.find(table).orElseThrow());
          contents.put(
              table.toString(),
              ContentDigest.of(rows.drop("_run", "_scored_at", "_superseded_at", "_superseded_by"))
                  .digest()
                  .hex());
        }
      }
    }
    contents.put("online", online(folder.resolve("online")));
    return contents;
  }

  /**
   * The digest of all rows that are published: the bytes of the files also say when and where they
   * were written.
   */
  private static String online(Path folder) {
    List<String> rows = new ArrayList<>();
    try (OnlineStore store = OnlineStores.open("rocksdb:" + folder)) {
      for (ViewId view : store.views()) {
        try (PublishedRows published = store.rows(store.published(view))) {
          published.forEach(
              (key, row) ->
                  rows.add(
                      view
                          + " "
                          + HexFormat.of().formatHex(key)
                          + " "
                          + Digest.of(RowCodec.encode(row))));
        }
      }
    }
    return rows.size() + " rows " + Digest.of(String.join("\n", rows)).hex();
  }
}
