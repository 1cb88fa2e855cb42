package io.tributary.online.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.definition.OnlineAddress;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStoreContract;
import io.tributary.testing.RedisServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ITRedisOnlineStore extends OnlineStoreContract {
  private static final Duration NEVER = Duration.ofDays(1);
  private static final AtomicInteger TESTS = new AtomicInteger();

  @TempDir static Path folder;

  private static RedisServer redis;

  /** A project of its own for each test. */
  private final String project = "test-" + TESTS.incrementAndGet();

  @BeforeAll
  static void start() throws IOException {
    redis = new RedisServer(folder);
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  @Override
  protected OnlineStore open() {
    return new RedisOnlineStore(address(), NEVER);
  }

  private RedisAddress address() {
    return RedisAddress.of(
        new OnlineAddress(
            redis.address(), Optional.empty(), Optional.of(project), Optional.empty()));
  }

  private Publications publications(RedisClient client) {
    return new Publications(client, ViewKeys.of(project, VIEW), VIEW);
  }

  @Test
  void aNightCostsWhatChanged() {
    try (OnlineStore store = open();
        RedisClient client = new RedisClient(address())) {
      thirtyNights(store);
      List<Manifest> manifests = publications(client).all();
      Map<String, Long> written = new HashMap<>();
      manifests.forEach(m -> m.allParts().forEach(part -> written.put(part.id(), part.bytes())));
      long all = manifests.get(0).allParts().stream().mapToLong(Part::bytes).sum();
      assertThat(written.values().stream().mapToLong(bytes -> bytes).sum())
          .isBetween(all * 30 / 100, all * 30 * 9 / 100);
      assertThat(manifests).allSatisfy(m -> assertThat(m.runs()).hasSizeBetween(1, 3));
      // What the newest has of former publications stays when nobody reads these any more.
      Publications at = publications(client);
      List<Part> unread = at.unread(Instant.now().plusSeconds(60));
      assertThat(unread).isNotEmpty().doesNotContainAnyElementsOf(manifests.get(29).allParts());
      new Parts(client, at.keys()).remove(unread);
      assertThat(stored(store, store.published(VIEW))).hasSize(20_000);
    }
  }
}
