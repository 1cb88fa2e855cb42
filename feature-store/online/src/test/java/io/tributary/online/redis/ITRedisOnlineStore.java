package io.tributary.online.redis;

import io.tributary.definition.OnlineAddress;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStoreContract;
import io.tributary.testing.RedisServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
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
    return new RedisOnlineStore(
        RedisAddress.of(
            new OnlineAddress(
                redis.address(), Optional.empty(), Optional.of(project), Optional.empty())),
        NEVER);
  }
}
