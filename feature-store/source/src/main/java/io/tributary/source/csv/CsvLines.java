package io.tributary.source.csv;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.SeenValue;
import io.tributary.source.Contract;
import io.tributary.source.Line;
import io.tributary.source.Lines;
import io.tributary.source.cell.CellParser;
import io.tributary.text.CsvTokens;
import io.tributary.text.EscapingReader;
import io.tributary.text.StoredText;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.sql.types.StringType;

/** The lines of one CSV file. */
final class CsvLines implements Lines {
  private final Contract contract;
  private final String path;
  private final CsvFormat format;
  private final CellParser[] parsers;
  private final boolean[] texts;
  private final Set<String> nulls;
  private final CsvTokens tokens;
  private int[] places;
  private int cells;

  private final Line line;
  private boolean any;

  /** The cells of the first record of a file with commas; none of an empty one. */
  static List<String> header(String path, InputStream bytes) {
    try {
      CsvTokens tokens =
          new CsvTokens(StoredText.text(path, "rows", "UTF-8", bytes), ',', '"', '"');
      List<String> cells = new ArrayList<>();
      if (tokens.next()) {
        for (int i = 0; i < tokens.size(); i++) {
          cells.add(EscapingReader.printable(tokens.text(i)));
        }
      }
      return cells;
    } catch (IOException e) {
      throw StoredText.unreadable(path, "rows", 0, e);
    } catch (CsvTokens.UnclosedQuote e) {
      throw new PlatformException(
          ErrorCode.UNREADABLE_FILE,
          "Cannot read file " + path + ": a quote in its first line is never closed. Close it.",
          e);
    }
  }

  CsvLines(
      Contract contract, String path, CsvFormat format, CellParser[] parsers, InputStream bytes) {
    this.contract = contract;
    this.path = path;
    this.format = format;
    this.parsers = parsers;
    this.texts = new boolean[parsers.length];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = contract.columns().apply(i).dataType() instanceof StringType;
    }
    this.nulls = new HashSet<>(format.nulls());
    this.line = new Line(contract, path);
    try {
      this.tokens =
          new CsvTokens(
              StoredText.text(path, contract.source(), format.encoding(), bytes),
              format.delimiter(),
              format.quote(),
              format.escape());
    } catch (IOException e) {
      throw StoredText.unreadable(path, contract.source(), 0, e);
    }
    if (format.header()) {
      if (!record()) {
        throw empty();
      }
      List<String> file = new ArrayList<>();
      for (int i = 0; i < tokens.size(); i++) {
        file.add(EscapingReader.printable(tokens.text(i)));
      }
      places = contract.matchInOrder("file " + path, file);
      cells = file.size();
    } else {
      places = IntStream.range(0, parsers.length).toArray();
      cells = parsers.length;
    }
  }

  @Override
  public boolean next() {
    if (!record()) {
      if (!any) {
        throw empty();
      }
      line.checkTypes();
      return false;
    }
    read();
    return true;
  }

  @Override
  public Line line() {
    return line;
  }

  @Override
  public String raw() {
    return EscapingReader.printable(tokens.raw());
  }

  @Override
  public long shiftedTimes() {
    return Arrays.stream(parsers).mapToLong(CellParser::shiftedTimes).sum();
  }

  private boolean record() {
    try {
      boolean more = tokens.next();
      any |= more;
      return more;
    } catch (IOException e) {
      throw StoredText.unreadable(path, contract.source(), tokens.number(), e);
    } catch (CsvTokens.UnclosedQuote e) {
      throw new PlatformException(
          ErrorCode.UNREADABLE_FILE,
          "Cannot read file %s of source %s: a quote that is opened in line %s is never closed (%s). Deliver the whole file, or close the quote."
              .formatted(
                  path, contract.source(), tokens.number(), SeenValue.of(CellParser.shown(e.cell))),
          e);
    }
  }

  private void read() {
    line.begin(tokens.number());
    if (tokens.size() != cells) {
      line.problem("cells", "has " + tokens.size() + " cells, not " + cells);
      return;
    }
    for (int i = 0; i < parsers.length; i++) {
      if (places[i] != Contract.MISSING) {
        read(i, places[i]);
      }
    }
  }

  private void read(int i, int cell) {
    boolean quoted = tokens.isQuoted(cell);
    if (tokens.isEmpty(cell) && !(quoted && texts[i])) {
      return;
    }
    String text = tokens.text(cell);
    if (tokens.isBroken(cell)) {
      line.problem("quotes", i, CellParser.shown(text) + " has text behind its closing quote");
      return;
    }
    if (nulls.contains(text)) {
      return;
    }
    int broken = EscapingReader.firstEscaped(text);
    if (broken >= 0) {
      line.problem(
          "encoding",
          i,
          "byte %02X in %s is no %s".formatted(broken, CellParser.shown(text), format.encoding()));
      return;
    }
    try {
      line.set(i, parsers[i].parse(text));
    } catch (CellParser.BadCell e) {
      line.mistyped(i, e.getMessage());
    }
  }

  private PlatformException empty() {
    return new PlatformException(
        ErrorCode.UNREADABLE_FILE,
        "Cannot read file %s of source %s: it is empty. Deliver it with %s"
            .formatted(
                path, contract.source(), format.header() ? "its header and lines." : "its lines."));
  }
}
