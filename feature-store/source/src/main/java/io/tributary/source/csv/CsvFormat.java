package io.tributary.source.csv;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.SourceInput;
import java.io.Serializable;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.util.List;
import java.util.Map;

/**
 * How a CSV file is written.
 *
 * @param nulls the texts that mean null, quoted or not; a cell that is empty means it too
 */
record CsvFormat(
    boolean header, List<String> nulls, char delimiter, char quote, char escape, String encoding)
    implements Serializable {
  static CsvFormat of(String source, SourceInput.Files files) {
    Map<String, String> options = files.options();
    return new CsvFormat(
        files.header(),
        files.nulls(),
        character(source, options, "delimiter", ','),
        character(source, options, "quote", '"'),
        character(source, options, "escape", character(source, options, "quote", '"')),
        encoding(source, options.getOrDefault("encoding", "UTF-8")));
  }

  private static char character(
      String source, Map<String, String> options, String name, char usual) {
    String text = options.getOrDefault(name, String.valueOf(usual));
    if (text.equals("\\t")) {
      return '\t';
    }
    if (text.length() != 1 || text.charAt(0) == '\n' || text.charAt(0) == '\r') {
      throw new PlatformException(
          ErrorCode.INVALID_DEFINITION,
          "Cannot read source %s: its option %s is \"%s\". Write one character, or \\t."
              .formatted(source, name, text));
    }
    return text.charAt(0);
  }

  private static String encoding(String source, String name) {
    try {
      return Charset.forName(name).name();
    } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
      throw new PlatformException(
          ErrorCode.INVALID_DEFINITION,
          "Cannot read source %s: there is no encoding \"%s\". Write UTF-8, ISO-8859-1 or another that Java knows."
              .formatted(source, name),
          e);
    }
  }
}
