package io.tributary.ingest.csv;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.ingest.Contract;
import io.tributary.ingest.Lines;
import io.tributary.ingest.Reason;
import io.tributary.ingest.text.CellParser;
import io.tributary.ingest.text.EscapingReader;
import io.tributary.ingest.text.StoredText;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;

/** The lines of one CSV file. */
final class CsvLines implements Lines {
  private final Contract contract;
  private final String path;
  private final CsvFormat format;
  private final StructType columns;
  private final CellParser[] parsers;
  private final boolean[] texts;
  private final Set<String> nulls;
  private final CsvTokens tokens;
  private int[] places;
  private int cells;

  private final long[] typed;
  private final long[] mistyped;
  private final String[] firstMistyped;

  private boolean any;
  private GenericInternalRow values;
  private List<Reason> problems = List.of();

  CsvLines(
      Contract contract, String path, CsvFormat format, CellParser[] parsers, InputStream bytes) {
    this.contract = contract;
    this.path = path;
    this.format = format;
    this.columns = contract.columns();
    this.parsers = parsers;
    this.texts = new boolean[parsers.length];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = columns.apply(i).dataType() instanceof StringType;
    }
    this.nulls = new HashSet<>(format.nulls());
    this.typed = new long[parsers.length];
    this.mistyped = new long[parsers.length];
    this.firstMistyped = new String[parsers.length];
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
      checkColumns();
      return false;
    }
    read();
    return true;
  }

  @Override
  public long number() {
    return tokens.number();
  }

  @Override
  public List<Reason> problems() {
    return problems;
  }

  @Override
  public InternalRow values() {
    return values;
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
          "Cannot read file "
              + path
              + " of source "
              + contract.source()
              + ": a quote that is opened in line "
              + tokens.number()
              + " is never closed ("
              + CellParser.shown(e.cell)
              + "). Deliver the whole file, or close the quote.",
          e);
    }
  }

  private void read() {
    Object[] row = new Object[parsers.length];
    values = new GenericInternalRow(row);
    problems = List.of();
    if (tokens.size() != cells) {
      problem("cells", "", "has " + tokens.size() + " cells, not " + cells);
      return;
    }
    for (int i = 0; i < row.length; i++) {
      row[i] = value(i);
    }
  }

  private Object value(int i) {
    int cell = places[i];
    if (cell == Contract.MISSING) {
      return null;
    }
    boolean quoted = tokens.isQuoted(cell);
    if (tokens.isEmpty(cell) && !(quoted && texts[i])) {
      return null;
    }
    String text = tokens.text(cell);
    if (tokens.isBroken(cell)) {
      return problem(
          "quotes", name(i), CellParser.shown(text) + " has text behind its closing quote");
    }
    if (nulls.contains(text)) {
      return null;
    }
    int broken = EscapingReader.firstEscaped(text);
    if (broken >= 0) {
      return problem(
          "encoding",
          name(i),
          "byte %02X in %s is no %s".formatted(broken, CellParser.shown(text), format.encoding()));
    }
    try {
      Object value = parsers[i].parse(text);
      typed[i]++;
      return value;
    } catch (CellParser.BadCell e) {
      mistyped[i]++;
      if (firstMistyped[i] == null) {
        firstMistyped[i] = "line " + number() + ": " + e.getMessage();
      }
      return problem("type", name(i), e.getMessage());
    }
  }

  private Object problem(String rule, String column, String message) {
    if (problems.isEmpty()) {
      problems = new ArrayList<>();
    }
    problems.add(new Reason(rule, column, message));
    return null;
  }

  private String name(int i) {
    return columns.apply(i).name();
  }

  private PlatformException empty() {
    return new PlatformException(
        ErrorCode.UNREADABLE_FILE,
        "Cannot read file "
            + path
            + " of source "
            + contract.source()
            + ": it is empty. Deliver it with "
            + (format.header() ? "its header and lines." : "its lines."));
  }

  private void checkColumns() {
    List<String> broken = new ArrayList<>();
    for (int i = 0; i < parsers.length; i++) {
      if (mistyped[i] > 0 && typed[i] == 0) {
        broken.add(
            "column %s is %s in the contract, but none of its %,d values is one (%s)"
                .formatted(
                    name(i),
                    columns.apply(i).dataType().catalogString(),
                    mistyped[i],
                    firstMistyped[i]));
      }
    }
    if (!broken.isEmpty()) {
      throw new PlatformException(
          ErrorCode.CONTRACT_BROKEN,
          "Cannot load file "
              + path
              + " of source "
              + contract.source()
              + ": "
              + String.join("; ", broken)
              + ". Deliver what the contract says, or correct the source's columns.");
    }
  }
}
