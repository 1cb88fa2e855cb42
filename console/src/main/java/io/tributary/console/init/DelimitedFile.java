package io.tributary.console.init;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** A file of delimited text in UTF-8, gzipped or not, read row by row. */
final class DelimitedFile {
  private static final List<Character> DELIMITERS = List.of(',', ';', '\t', '|');
  private static final char QUOTE = '"';
  private static final char BYTE_ORDER_MARK = '\uFEFF';

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
              next(r, delimiter, cells);
              return cells;
            });
    if (!header.get(0).isEmpty() && header.get(0).charAt(0) == BYTE_ORDER_MARK) {
      header.set(0, header.get(0).substring(1));
    }
    return new DelimitedFile(path, delimiter, List.copyOf(header));
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
          List<String> cells = new ArrayList<>();
          next(r, delimiter, cells);
          boolean wanted = true;
          while (wanted && next(r, delimiter, cells)) {
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
          next(r, delimiter, new ArrayList<>());
          try (BufferedWriter writer = Files.newBufferedWriter(target)) {
            writer.write(String.join(String.valueOf(delimiter), names) + "\n");
            r.transferTo(writer);
          }
          return "";
        });
  }

  /** Reads the next row into {@code cells}; false at the file's end. */
  private static boolean next(Reader reader, char delimiter, List<String> cells)
      throws IOException {
    cells.clear();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    boolean any = false;
    for (int c = reader.read(); c >= 0; c = reader.read()) {
      any = true;
      if (quoted) {
        if (c != QUOTE) {
          cell.append((char) c);
          continue;
        }
        reader.mark(1);
        int after = reader.read();
        if (after == QUOTE) {
          cell.append(QUOTE);
        } else {
          quoted = false;
          if (after >= 0) {
            reader.reset();
          }
        }
      } else if (c == QUOTE && cell.length() == 0) {
        quoted = true;
      } else if (c == delimiter) {
        cells.add(cell.toString());
        cell.setLength(0);
      } else if (c == '\n') {
        break;
      } else if (c != '\r') {
        cell.append((char) c);
      }
    }
    if (any) {
      cells.add(cell.toString());
    }
    return any;
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
        InputStream plain =
            path.toString().endsWith(".gz") ? new GZIPInputStream(bytes, 1 << 16) : bytes;
        BufferedReader reader =
            new BufferedReader(
                new InputStreamReader(
                    plain,
                    StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT)),
                1 << 16)) {
      return reading.of(reader);
    } catch (NoSuchFileException e) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot read " + path + ": there is no such file. Name a CSV file with --from.",
          e);
    } catch (CharacterCodingException e) {
      throw refused(
          path, "it is not written in UTF-8. Convert it first, as in iconv -f LATIN1 -t UTF-8");
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot read " + path + ": " + e.getMessage() + ". Name a CSV file with --from.",
          e);
    }
  }

  static PlatformException refused(Path path, String why) {
    return new PlatformException(
        ErrorCode.INVALID_REQUEST, "Cannot make a project from " + path + ": " + why + ".");
  }
}
