package io.tributary.console.init;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.text.CsvTokens;
import io.tributary.text.EscapingReader;
import io.tributary.text.StoredText;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A file of delimited text in UTF-8, gzipped or not, read row by row. */
final class DelimitedFile {
  private static final List<Character> DELIMITERS = List.of(',', ';', '\t', '|');
  private static final char QUOTE = '"';

  private final Path path;
  private final char delimiter;
  private final List<String> header;

  private DelimitedFile(Path path, char delimiter, List<String> header) {
    this.path = path;
    this.delimiter = delimiter;
    this.header = header;
  }

  /** Receives each row after the header. */
  @FunctionalInterface
  interface Rows {
    void row(List<String> cells);
  }

  /** Receives each row, and returns whether to continue. */
  @FunctionalInterface
  interface Search {
    boolean row(List<String> cells);
  }

  /** Reads the header; the delimiter is the one that is most frequent in it, outside quotes. */
  static DelimitedFile open(Path path) {
    String first = read(path, r -> r.readLine() == null ? null : "");
    if (first == null) {
      throw refused(path, "it is empty. Name a file with a header line and rows");
    }
    String line = read(path, BufferedReader::readLine);
    char best = ',';
    long most = 0;
    for (char each : DELIMITERS) {
      long count = outsideQuotes(line, each);
      if (count > most) {
        most = count;
        best = each;
      }
    }
    char delimiter = best;
    List<String> header =
        read(
            path,
            r -> {
              List<String> cells = new ArrayList<>();
              next(path, tokens(r, delimiter), cells);
              return List.copyOf(cells);
            });
    return new DelimitedFile(path, delimiter, header);
  }

  Path path() {
    return path;
  }

  char delimiter() {
    return delimiter;
  }

  List<String> header() {
    return header;
  }

  /** Passes on all rows after the header, in order; blank lines are left out. */
  void read(Rows rows) {
    readWhile(
        cells -> {
          rows.row(cells);
          return true;
        });
  }

  /** The same until the receiver stops. */
  void readWhile(Search search) {
    read(
        path,
        r -> {
          CsvTokens tokens = tokens(r, delimiter);
          List<String> cells = new ArrayList<>();
          next(path, tokens, cells);
          boolean wanted = true;
          while (wanted && next(path, tokens, cells)) {
            if (cells.size() > 1 || !cells.get(0).isEmpty()) {
              wanted = search.row(cells);
            }
          }
          return "";
        });
  }

  /** Copies the file uncompressed, with other names in its header. */
  void copyTo(Path target, List<String> names) {
    read(
        path,
        r -> {
          CsvTokens tokens = tokens(r, delimiter);
          next(path, tokens, new ArrayList<>());
          try (BufferedWriter writer = Files.newBufferedWriter(target)) {
            writer.write(String.join(String.valueOf(delimiter), names) + "\n");
            tokens.copyRest(writer);
          }
          return "";
        });
  }

  private static CsvTokens tokens(Reader text, char delimiter) {
    return new CsvTokens(text, delimiter, QUOTE, QUOTE);
  }

  /** Reads the next row into {@code cells}; false at the file's end. */
  private static boolean next(Path path, CsvTokens tokens, List<String> cells) throws IOException {
    cells.clear();
    try {
      if (!tokens.next()) {
        return false;
      }
    } catch (CsvTokens.UnclosedQuote e) {
      throw refused(path, "a quote that is opened in line " + tokens.number() + " is never closed");
    }
    for (int i = 0; i < tokens.size(); i++) {
      String cell = tokens.text(i);
      if (EscapingReader.firstEscaped(cell) >= 0) {
        throw notUtf8(path);
      }
      cells.add(cell);
    }
    return true;
  }

  private static long outsideQuotes(String line, char delimiter) {
    long count = 0;
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      if (line.charAt(i) == QUOTE) {
        quoted = !quoted;
      } else if (!quoted && line.charAt(i) == delimiter) {
        count++;
      }
    }
    return count;
  }

  private interface Reading<T> {
    T of(BufferedReader reader) throws IOException;
  }

  private static <T> T read(Path path, Reading<T> reading) {
    try (InputStream bytes = Files.newInputStream(path);
        BufferedReader reader =
            new BufferedReader(StoredText.text(path.toString(), "", "UTF-8", bytes), 1 << 16)) {
      return reading.of(reader);
    } catch (NoSuchFileException e) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot read " + path + ": there is no such file. Name a CSV file with --from.",
          e);
    } catch (StoredText.TooLong e) {
      throw refused(path, "a line of it has more than 16 million characters");
    } catch (PlatformException e) {
      // UTF-16, by its mark.
      throw e.code() == ErrorCode.UNREADABLE_FILE ? notUtf8(path) : e;
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot read " + path + ": " + e.getMessage() + ". Name a CSV file with --from.",
          e);
    }
  }

  private static PlatformException notUtf8(Path path) {
    return refused(
        path, "it is not written in UTF-8. Convert it first, as in iconv -f LATIN1 -t UTF-8");
  }

  static PlatformException refused(Path path, String why) {
    return new PlatformException(
        ErrorCode.INVALID_REQUEST, "Cannot make a project from " + path + ": " + why + ".");
  }
}
