package io.tributary.analysis;

import io.tributary.core.Digest;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The texts that a project's digests are of, by digest. Safe for threads. */
final class CanonicalForms {
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

  private final Map<String, String> texts = new ConcurrentHashMap<>();

  /** The digest of a text, which is kept. */
  Digest keep(String text) {
    Digest digest = Digest.of(text);
    texts.put(digest.hex(), text);
    return digest;
  }

  Optional<String> find(Digest digest) {
    return Optional.ofNullable(texts.get(digest.hex()));
  }

  /** The texts that the digests in a text are of, and those in these. */
  Map<String, String> within(String text) {
    Map<String, String> within = new TreeMap<>();
    gather(text, within);
    return within;
  }

  private void gather(String text, Map<String, String> within) {
    for (Matcher m = DIGEST.matcher(text); m.find(); ) {
      String part = texts.get(m.group());
      if (part != null && within.putIfAbsent(m.group(), part) == null) {
        gather(part, within);
      }
    }
  }
}
