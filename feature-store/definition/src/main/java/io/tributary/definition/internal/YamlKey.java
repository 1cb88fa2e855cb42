package io.tributary.definition.internal;

import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;

/**
 * What there is to know about a key of a definition file: the binder, the nearest-key search and
 * the reference all read it here.
 *
 * @param byDefault the value that stands where the key is not written, as YAML
 * @param otherwise what not writing it means, where no constant says it
 * @param doc one sentence
 */
record YamlKey<T>(
    String name,
    YamlType<T> type,
    boolean required,
    Optional<String> byDefault,
    String otherwise,
    String doc) {
  static <T> YamlKey<T> required(String name, YamlType<T> type, String doc) {
    return new YamlKey<>(name, type, true, Optional.empty(), "", doc);
  }

  static <T> YamlKey<T> optional(String name, YamlType<T> type, String otherwise, String doc) {
    return new YamlKey<>(name, type, false, Optional.empty(), otherwise, doc);
  }

  static <T> YamlKey<T> withDefault(String name, YamlType<T> type, String byDefault, String doc) {
    return new YamlKey<>(name, type, false, Optional.of(byDefault), "", doc);
  }

  /** The default, read like a value that stands at {@code place}. */
  Optional<T> defaultAt(YamlValue place) {
    return byDefault.flatMap(
        text ->
            new Compose(LoadSettings.builder().build())
                .composeString(text)
                .flatMap(
                    node ->
                        type.bind(new YamlValue(node, place.origin(), name, place.line(), false))));
  }
}
