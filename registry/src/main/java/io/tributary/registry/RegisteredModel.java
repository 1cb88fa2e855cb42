package io.tributary.registry;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A model with its versions.
 *
 * @param versions in order of their numbers 1, 2, …
 * @param aliases by name
 * @param blocks of promotions, oldest first; mostly empty
 */
public record RegisteredModel(
    String name, List<RegisteredVersion> versions, Map<String, Alias> aliases, List<Block> blocks) {
  public RegisteredModel {
    versions = List.copyOf(versions);
    aliases = Collections.unmodifiableMap(new TreeMap<>(aliases));
    blocks = List.copyOf(blocks);
  }

  public Optional<RegisteredVersion> version(long number) {
    return number < 1 || number > versions.size()
        ? Optional.empty()
        : Optional.of(versions.get((int) number - 1));
  }

  /** The aliases that point to a version. */
  public List<String> aliasesOf(long number) {
    return aliases.values().stream().filter(a -> a.number() == number).map(Alias::name).toList();
  }

  /** The version that an alias points to; empty where there is no such alias. */
  public Optional<RegisteredVersion> holder(String alias) {
    return Optional.ofNullable(aliases.get(alias)).flatMap(held -> version(held.number()));
  }

  /** Why no version may be promoted to an alias, and how to allow it again, in a sentence. */
  public Optional<String> blocked(String alias) {
    List<Block> blocking = blocks.stream().filter(block -> block.blocks(alias)).toList();
    if (blocking.isEmpty()) {
      return Optional.empty();
    }
    Block newest = blocking.get(blocking.size() - 1);
    return Optional.of(
        "%s%s, which blocks promotions to %s. Find out what broke; then whoever answers for the model allows them again: tributary registry unblock %s --night %s --reason \"…\"."
            .formatted(
                newest,
                blocking.size() > 1 ? ", and %d before".formatted(blocking.size() - 1) : "",
                alias,
                name,
                blocking.stream().map(Block::night).max(String::compareTo).orElseThrow()));
  }

  /** The same of each alias that something blocks. */
  public List<String> blocked() {
    return Stream.of(
            Stream.of(Alias.PRODUCTION),
            aliases.keySet().stream(),
            blocks.stream().flatMap(block -> block.alias().stream()))
        .flatMap(names -> names)
        .distinct()
        .sorted()
        .flatMap(alias -> blocked(alias).stream())
        .toList();
  }
}
