package io.tributary.online;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/** Opens online stores by address: the one place where their kinds are known. */
public final class OnlineStores {
  private OnlineStores() {}

  /** The store at a project's address, {@code SCHEME:…}; it need not have been published to yet. */
  public static OnlineStore open(String address) {
    List<OnlineStoreProvider> kinds =
        ServiceLoader.load(OnlineStoreProvider.class, OnlineStores.class.getClassLoader()).stream()
            .map(ServiceLoader.Provider::get)
            .toList();
    return kinds.stream()
        .filter(kind -> address.startsWith(kind.scheme() + ":"))
        .findFirst()
        .orElseThrow(
            () ->
                new PlatformException(
                    ErrorCode.INVALID_DEFINITION,
                    "Cannot open online store "
                        + address
                        + ": its kind is not known. Write "
                        + kinds.stream()
                            .map(OnlineStoreProvider::form)
                            .collect(Collectors.joining(" or "))
                        + "."))
        .open(address);
  }
}
