package io.tributary.online.rocksdb;

import io.tributary.definition.OnlineAddress;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStoreProvider;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** Stores in a local or mounted folder, which need not exist yet. */
public final class RocksDbOnlineStoreProvider implements OnlineStoreProvider {
  @Override
  public Set<String> schemes() {
    return Set.of("rocksdb");
  }

  @Override
  public String form() {
    return "rocksdb:FOLDER";
  }

  @Override
  public Optional<String> problem(OnlineAddress address) {
    if (folder(address).matches("[a-z][a-z0-9+.-]+:.*")) {
      return Optional.of(
          "RocksDB files are served from a folder that is local or mounted. Name one, as in online: rocksdb:/srv/online.");
    }
    return address
        .credential()
        .map(unused -> "nobody signs in at a folder. Take \"online\" out of \"credentials\".");
  }

  @Override
  public OnlineStore open(OnlineAddress address) {
    return new RocksDbOnlineStore(Path.of(folder(address)));
  }

  private static String folder(OnlineAddress address) {
    return address.rest().startsWith("file:")
        ? address.rest().substring("file:".length())
        : address.rest();
  }
}
