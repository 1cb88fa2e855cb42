package io.tributary.registry;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A model with its versions.
 *
 * @param versions in order of their numbers 1, 2, …
 * @param aliases by name
 * @param blocks why none may be promoted, oldest first; mostly empty
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
}
