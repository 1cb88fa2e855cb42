package io.tributary.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.definition.Problem;
import io.tributary.definition.ProjectReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a project publishes goes to a store that there can be. */
class TestPublishedPlaces {
  private static final String VIEW =
      "view: spent@1\nentity: [customer]\nsource: orders\nfeatures:\n  n: count(*) over 1d\n";
  private static final String REMOTE =
      "its online store is rocksdb:hdfs://acme/lake/online, and RocksDB files are served from a folder"
          + " that is local or mounted. Name one, as in online: rocksdb:/srv/online.";

  @TempDir private Path folder;

  private List<String> problems(String settings, String view) throws IOException {
    write("tributary.yaml", "project: acme\nzone: UTC\n" + settings);
    write(
        "sources/orders.yaml",
        """
        source: orders
        read: {format: csv, path: orders.csv, header: true}
        columns: {id: bigint, customer: string, at: timestamp}
        event-key: [id]
        event-time: at
        """);
    write("features/spent.yaml", view);
    return CheckedProject.checking(ProjectReader.read(folder, Map.of(), Optional.empty()))
        .problems()
        .stream()
        .map(Problem::message)
        .toList();
  }

  private void write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  @Test
  void anOnlineStoreOfFilesIsAFolderThatIsLocalOrMounted() throws IOException {
    assertThat(problems("online: rocksdb:hdfs://acme/lake/online\n", VIEW))
        .containsExactly("Cannot check project acme (tributary.yaml:3): " + REMOTE);
    assertThat(problems("lake: hdfs://acme/lake\nonline: rocksdb:${lake}/online\n", VIEW))
        .containsExactly("Cannot check project acme (tributary.yaml:4): " + REMOTE);
    assertThat(problems("lake: hdfs://acme/lake\n", VIEW))
        .containsExactly("Cannot check project acme (tributary.yaml:3): " + REMOTE);
    assertThat(problems("online: rocksdb:file:/srv/online\n", VIEW)).isEmpty();
    assertThat(problems("", VIEW)).isEmpty();
  }

  @Test
  void itIsOfAKindThatThereIs() throws IOException {
    assertThat(problems("online: memcached://acme\n", VIEW))
        .containsExactly(
            "Cannot check project acme (tributary.yaml:3): its online store is memcached://acme, and its"
                + " kind is not known. Write rocksdb:FOLDER or redis://HOST[:PORT][/DATABASE], or rediss:// for TLS.");
    assertThat(problems("online: redis://acme:6379/2\n", VIEW)).isEmpty();
    assertThat(problems("online: redis://acme:6379/shop\n", VIEW))
        .containsExactly(
            "Cannot check project acme (tributary.yaml:3): its online store is redis://acme:6379/shop, and"
                + " that is no address of a Redis server. Write redis://HOST[:PORT][/DATABASE], or rediss:// for TLS.");
  }

  @Test
  void whatPublishesNothingNeedsNone() throws IOException {
    assertThat(problems("online: memcached://acme\n", VIEW + "online: false\n")).isEmpty();
  }
}
