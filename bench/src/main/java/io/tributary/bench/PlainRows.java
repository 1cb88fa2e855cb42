package io.tributary.bench;

import io.tributary.core.PlatformException;
import io.tributary.definition.OnlineAddress;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.online.PublishedRows;
import io.tributary.online.RowCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The keys and rows of the view that Tributary has published, as bytes in the order of keys. */
final class PlainRows {
  private PlainRows() {}

  /** A key and what is stored of it. */
  record Stored(byte[] key, byte[] row) {}

  /**
   * Reads them all.
   *
   * @param address of the store that has them, of one view
   * @param each so many rows one is taken
   * @throws PlatformException NOT_FOUND if nothing is published there
   */
  static List<Stored> read(String address, int each) {
    OnlineAddress of =
        new OnlineAddress(address, Optional.empty(), Optional.of("bench"), Optional.empty());
    List<Stored> rows = new ArrayList<>();
    int[] number = {0};
    try (OnlineStore store = OnlineStores.open(of);
        PublishedRows published = store.rows(store.published(store.views().get(0)))) {
      published.forEach(
          (key, row) -> {
            if (number[0]++ % each == 0) {
              rows.add(new Stored(key.clone(), RowCodec.encode(row)));
            }
          });
    }
    return rows;
  }
}
