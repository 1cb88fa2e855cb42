package io.tributary.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestOnlineStores {
  @Test
  void opensAStoreByItsAddress(@TempDir Path folder) {
    for (String address : new String[] {"rocksdb:" + folder, "rocksdb:file:" + folder}) {
      try (OnlineStore store = OnlineStores.open(address);
          OnlineStore again = OnlineStores.open(store.address())) {
        assertThat(store.address()).isEqualTo("rocksdb:" + folder);
        assertThat(again.address()).isEqualTo(store.address());
      }
    }
  }

  @Test
  void refusesAddressesThatItDoesNotKnow() {
    assertThatThrownBy(() -> OnlineStores.open("redis://localhost"))
        .hasMessage(
            "Cannot open online store redis://localhost: its kind is not known. Write rocksdb:FOLDER.");
    assertThatThrownBy(() -> OnlineStores.open("rocksdb:s3a://bucket/online"))
        .hasMessage(
            "Cannot open online store rocksdb:s3a://bucket/online: RocksDB files are served from a local or mounted folder. Name one as online: rocksdb:FOLDER.");
  }
}
