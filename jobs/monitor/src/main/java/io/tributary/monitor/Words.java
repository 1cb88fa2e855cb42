package io.tributary.monitor;

import java.util.Locale;

/** Figures in words, the same on any machine: what is stored and sent depends on nothing else. */
final class Words {
  private Words() {}

  static String text(String format, Object... parts) {
    return String.format(Locale.ROOT, format, parts);
  }
}
