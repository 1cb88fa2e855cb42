package io.tributary.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.definition.Credential;
import io.tributary.definition.OnlineAddress;
import io.tributary.definition.SourceLocation;
import java.nio.file.Path;
import java.util.Optional;
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
  void saysWhereAnAddressWithAProblemIsWritten() {
    OnlineAddress address =
        new OnlineAddress(
            "rocksdb:/srv/online",
            Optional.of(new Credential(Optional.of("reader"), Optional.empty())),
            Optional.empty(),
            Optional.of(new SourceLocation("tributary.yaml", 4)));
    assertThatThrownBy(() -> OnlineStores.open(address))
        .hasMessage(
            "Cannot open online store rocksdb:/srv/online (tributary.yaml:4): nobody signs in at a folder. Take \"online\" out of \"credentials\".");
  }

  @Test
  void refusesAddressesThatItDoesNotKnow() {
    assertThatThrownBy(() -> OnlineStores.open("memcached://localhost"))
        .hasMessage(
            "Cannot open online store memcached://localhost: its kind is not known. Write rocksdb:FOLDER or redis://HOST[:PORT][/DATABASE], or rediss:// for TLS.");
    assertThatThrownBy(() -> OnlineStores.open("rocksdb:s3a://bucket/online"))
        .hasMessage(
            "Cannot open online store rocksdb:s3a://bucket/online: RocksDB files are served from a folder that is local or mounted. Name one, as in online: rocksdb:/srv/online.");
  }
}
