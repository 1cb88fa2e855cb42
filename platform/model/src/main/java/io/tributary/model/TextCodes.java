package io.tributary.model;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** The places of texts in a list, found by their bytes in UTF-8 without an object. Immutable. */
final class TextCodes {
  /** Of a text that the list does not have. */
  static final int NONE = -1;

  private final byte[][] texts;

  /** Of the texts, by their hash and on from there: their places, from 1. */
  private final int[] table;

  TextCodes(List<String> list) {
    texts = list.stream().map(TextCodes::utf8).toArray(byte[][]::new);
    table = new int[Integer.highestOneBit(Math.max(1, texts.length)) * 4];
    for (int code = 0; code < texts.length; code++) {
      int at = hash(texts[code], 0, texts[code].length);
      while (table[at] != 0) {
        at = at + 1 & table.length - 1;
      }
      table[at] = code + 1;
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  int of(String text) {
    byte[] bytes = utf8(text);
    return of(bytes, 0, bytes.length);
  }

  /** The place of the text in {@code bytes[from]} to {@code bytes[to - 1]}. */
  int of(byte[] bytes, int from, int to) {
    for (int at = hash(bytes, from, to); table[at] != 0; at = at + 1 & table.length - 1) {
      byte[] text = texts[table[at] - 1];
      if (Arrays.equals(text, 0, text.length, bytes, from, to)) {
        return table[at] - 1;
      }
    }
    return NONE;
  }

  private int hash(byte[] bytes, int from, int to) {
    int hash = 0;
    for (int i = from; i < to; i++) {
      hash = 31 * hash + bytes[i];
    }
    hash *= 0x9E3779B9;
    return (hash ^ hash >>> 16) & table.length - 1;
  }
}
