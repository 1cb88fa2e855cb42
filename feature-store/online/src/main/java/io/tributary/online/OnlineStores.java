package io.tributary.online;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.OnlineAddress;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/** Opens online stores by address: the one place where their kinds are known. */
public final class OnlineStores {
  private OnlineStores() {}

  /**
   * Why there can be no store at an address, and what to do: {@code <why>. <what to do>.} Empty for
   * one that can be opened; whether it can be reached is not asked.
   */
  public static Optional<String> problem(OnlineAddress address) {
    Optional<OnlineStoreProvider> kind = kind(address);
    return kind.isPresent()
        ? kind.get().problem(address)
        : Optional.of(
            "its kind is not known. Write "
                + kinds().stream()
                    .map(OnlineStoreProvider::form)
                    .collect(Collectors.joining(" or "))
                + ".");
  }

  /**
   * The store at a project's address; it need not have been published to yet.
   *
   * @throws PlatformException INVALID_DEFINITION for an address that has a problem
   */
  public static OnlineStore open(OnlineAddress address) {
    problem(address)
        .ifPresent(
            problem -> {
              throw new PlatformException(
                  ErrorCode.INVALID_DEFINITION,
                  "Cannot open online store %s%s: %s"
                      .formatted(
                          address,
                          address.location().map(at -> " (" + at + ")").orElse(""),
                          problem));
            });
    return kind(address).orElseThrow().open(address);
  }

  /** The store at an address, {@code SCHEME:…}, that nobody signs in at. */
  public static OnlineStore open(String address) {
    return open(OnlineAddress.of(address));
  }

  private static Optional<OnlineStoreProvider> kind(OnlineAddress address) {
    return kinds().stream().filter(kind -> kind.schemes().contains(address.scheme())).findFirst();
  }

  private static List<OnlineStoreProvider> kinds() {
    return ServiceLoader.load(OnlineStoreProvider.class, OnlineStores.class.getClassLoader())
        .stream()
        .map(ServiceLoader.Provider::get)
        .toList();
  }
}
