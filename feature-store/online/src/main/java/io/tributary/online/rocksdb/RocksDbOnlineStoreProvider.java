package io.tributary.online.rocksdb;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStoreProvider;
import java.nio.file.Path;

/** Stores in a local or mounted folder, which need not exist yet. */
public final class RocksDbOnlineStoreProvider implements OnlineStoreProvider {
  @Override
  public String scheme() {
    return "rocksdb";
  }

  @Override
  public String form() {
    return "rocksdb:FOLDER";
  }

  @Override
  public OnlineStore open(String address) {
    String folder = address.substring("rocksdb:".length());
    if (folder.startsWith("file:")) {
      folder = folder.substring("file:".length());
    }
    if (folder.matches("[a-z][a-z0-9+.-]+:.*")) {
      throw new PlatformException(
          ErrorCode.INVALID_DEFINITION,
          "Cannot open online store "
              + address
              + ": RocksDB files are served from a local or mounted folder. Name one as online: rocksdb:FOLDER.");
    }
    return new RocksDbOnlineStore(Path.of(folder));
  }
}
