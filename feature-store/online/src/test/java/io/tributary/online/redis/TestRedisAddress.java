package io.tributary.online.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.definition.Credential;
import io.tributary.definition.OnlineAddress;
import io.tributary.definition.Secret;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TestRedisAddress {
  private static final String SECRET = "hunter2";

  private static OnlineAddress address(String text, Optional<Credential> credential) {
    return new OnlineAddress(text, credential, Optional.of("shop"), Optional.empty());
  }

  private static Credential credential(Optional<String> user) {
    return new Credential(user, Optional.of(new Secret("ONLINE_PASSWORD", SECRET)));
  }

  @Test
  void readsAddresses() {
    assertThat(RedisAddress.of(OnlineAddress.of("redis://cache.acme")))
        .isEqualTo(new RedisAddress("cache.acme", 6379, 0, false, "", "", ""));
    assertThat(RedisAddress.of(OnlineAddress.of("redis://[::1]:7000/")))
        .isEqualTo(new RedisAddress("[::1]", 7000, 0, false, "", "", ""));
    assertThat(
            RedisAddress.of(
                address("rediss://cache.acme:7000/3", Optional.of(credential(Optional.of("w"))))))
        .isEqualTo(new RedisAddress("cache.acme", 7000, 3, true, "w", SECRET, "shop"));
    try (OnlineStore store = OnlineStores.open("redis://cache.acme")) {
      assertThat(store.address()).isEqualTo("redis://cache.acme:6379/0");
    }
  }

  @Test
  void refusesWhatIsNone() {
    for (String none :
        new String[] {
          "redis:cache",
          "redis://",
          "redis://a_b",
          "redis://cache/shop",
          "redis://cache/1/2",
          "redis://cache?db=1",
          "redis://cache#1",
          "rediss://cache:70x",
          "redis://cache/12345"
        }) {
      assertThat(OnlineStores.problem(OnlineAddress.of(none)))
          .as(none)
          .contains(
              "that is no address of a Redis server. Write redis://HOST[:PORT][/DATABASE], or rediss:// for TLS.");
    }
    assertThat(OnlineStores.problem(OnlineAddress.of("redis://writer@cache")))
        .contains(
            "who signs in does not stand in an address. Write the user below \"credentials\", as online: {user: …, password: \"${NAME}\"}.");
    assertThat(
            OnlineStores.problem(
                address(
                    "redis://cache",
                    Optional.of(new Credential(Optional.of("w"), Optional.empty())))))
        .contains(
            "\"credentials.online\" has no password. Add it, as password: \"${NAME}\", or take \"online\" out.");
  }

  @Test
  void travelsToExecutorsAndIsNeverPrinted() throws Exception {
    OnlineAddress address =
        address("redis://cache.acme", Optional.of(credential(Optional.of("writer"))));
    try (OnlineStore store = OnlineStores.open(address)) {
      assertThat(store.address() + store.factory() + store).doesNotContain(SECRET);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
        out.writeObject(store.factory());
      }
      assertThat(bytes.toString(StandardCharsets.ISO_8859_1)).contains(SECRET);
      try (ObjectInputStream in =
              new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()));
          OnlineStore elsewhere = ((OnlineStore.Factory) in.readObject()).open()) {
        assertThat(elsewhere.address()).isEqualTo(store.address());
      }
    }
    assertThat(RedisAddress.of(address)).hasToString("redis://cache.acme:6379/0");
  }

  @Test
  void printsNoPasswordOfAnAddress() {
    for (String user : new String[] {":hunter2", "writer:hunter2", "w:hun@hunter2"}) {
      assertThatThrownBy(() -> OnlineStores.open("redis://" + user + "@cache:6379/1"))
          .hasMessageStartingWith("Cannot open online store redis://…@cache:6379/1: ")
          .hasMessageNotContaining("hun");
    }
    assertThat(OnlineAddress.of("rocksdb:/srv/a@b")).hasToString("rocksdb:/srv/a@b");
  }

  @Test
  void refusesClustersAndServersThatAreTooOld() {
    assertThat(RedisClient.problem(Map.of("redis_version", "7.0.15", "cluster_enabled", "1")))
        .contains(
            "it is a node of a Redis cluster (cluster_enabled:1), which would spread a view's rows. Name a server that is in no cluster.");
    assertThat(RedisClient.problem(Map.of("redis_version", "6.0.16", "cluster_enabled", "0")))
        .contains("it is Redis 6.0.16, and 6.2 or newer is needed. Update it.");
    assertThat(RedisClient.problem(Map.of()))
        .contains("it is Redis 0, and 6.2 or newer is needed. Update it.");
    for (String version : new String[] {"6.2.0", "6.2", "7.0.15", "8", "10.1.0-rc1"}) {
      assertThat(RedisClient.problem(Map.of("redis_version", version))).as(version).isEmpty();
    }
  }

  @Test
  void saysThatNobodyAnswers() {
    try (OnlineStore store = OnlineStores.open("redis://nowhere.invalid")) {
      assertThatThrownBy(store::views)
          .hasMessageStartingWith(
              "Cannot list the views: online store redis://nowhere.invalid:6379/0 says: ")
          .hasMessageEndingWith(
              "Check that the server runs and can be reached from here, then run it again.");
    }
  }
}
