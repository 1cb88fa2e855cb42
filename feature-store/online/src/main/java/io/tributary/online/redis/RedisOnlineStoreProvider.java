package io.tributary.online.redis;

import io.tributary.definition.OnlineAddress;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStoreProvider;
import java.util.Optional;
import java.util.Set;

/** Stores in a Redis server, or in one that speaks as it does. */
public final class RedisOnlineStoreProvider implements OnlineStoreProvider {
  @Override
  public Set<String> schemes() {
    return Set.of(RedisAddress.PLAIN, RedisAddress.TLS);
  }

  @Override
  public String form() {
    return RedisAddress.FORM;
  }

  @Override
  public Optional<String> problem(OnlineAddress address) {
    return RedisAddress.problem(address);
  }

  @Override
  public OnlineStore open(OnlineAddress address) {
    return new RedisOnlineStore(RedisAddress.of(address));
  }
}
