package io.tributary.source.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.SeenValue;
import io.tributary.source.Contract;
import io.tributary.source.Line;
import io.tributary.source.Lines;
import io.tributary.source.cell.CellParser;
import io.tributary.source.cell.CellParser.BadCell;
import io.tributary.text.EscapingReader;
import io.tributary.text.StoredText;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** The lines of one file of JSON. */
final class JsonLines implements Lines {
  private static final ObjectReader OBJECTS =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build()
          .reader();

  static {
    OBJECTS
        .getFactory()
        .setStreamReadConstraints(
            StreamReadConstraints.builder().maxStringLength(StoredText.LONGEST).build());
  }

  private final Contract contract;
  private final String path;
  private final JsonValues parser;
  private final Reader text;
  private final char[] buffer = new char[1 << 16];
  private int at;
  private int limit;

  private final Line line;
  private long lines;
  private long objects;
  private String firstBroken = "";

  private long number;
  private String raw = "";

  JsonLines(Contract contract, String path, JsonValues parser, InputStream bytes) {
    this.contract = contract;
    this.path = path;
    this.parser = parser;
    this.line = new Line(contract, path);
    try {
      this.text = StoredText.text(path, contract.source(), "UTF-8", bytes);
    } catch (IOException e) {
      throw StoredText.unreadable(path, contract.source(), 0, e);
    }
  }

  @Override
  public boolean next() {
    try {
      do {
        String read = readLine();
        if (read == null) {
          checkWhole();
          return false;
        }
        number++;
        raw = read;
      } while (raw.isBlank());
    } catch (IOException e) {
      throw StoredText.unreadable(path, contract.source(), number + 1, e);
    }
    lines++;
    read();
    return true;
  }

  @Override
  public Line line() {
    return line;
  }

  @Override
  public String raw() {
    return EscapingReader.printable(raw);
  }

  @Override
  public long shiftedTimes() {
    return parser.shiftedTimes();
  }

  private void read() {
    line.begin(number);
    int broken = EscapingReader.firstEscaped(raw);
    if (broken >= 0) {
      line.problem("encoding", "byte %02X is no UTF-8".formatted(broken));
      return;
    }
    JsonNode object;
    try {
      object = OBJECTS.readTree(raw);
    } catch (JsonProcessingException e) {
      notAnObject("is no JSON: " + reason(e));
      return;
    }
    if (!object.isObject()) {
      notAnObject("is no JSON object");
      return;
    }
    objects++;
    boolean[] there = new boolean[contract.columns().size()];
    int found = 0;
    for (Iterator<Map.Entry<String, JsonNode>> f = object.fields(); f.hasNext(); ) {
      Map.Entry<String, JsonNode> entry = f.next();
      int column = contract.find(entry.getKey());
      if (column != Contract.MISSING && !there[column]) {
        there[column] = true;
        found++;
        read(column, entry.getValue());
      }
    }
    if (found < there.length || object.size() > found) {
      List<String> names = new ArrayList<>(object.size());
      object.fieldNames().forEachRemaining(names::add);
      int[] unused = contract.match("line " + number + " of file " + path, names);
    }
  }

  private void notAnObject(String why) {
    if (firstBroken.isEmpty()) {
      firstBroken = "line " + number + " " + SeenValue.of(why);
    }
    line.problem("json", why);
  }

  private void read(int column, JsonNode node) {
    try {
      line.set(column, parser.value(column, node));
    } catch (BadCell e) {
      line.mistyped(column, e.getMessage());
    }
  }

  private void checkWhole() {
    if (lines == 0) {
      throw new PlatformException(
          ErrorCode.UNREADABLE_FILE,
          "Cannot read file %s of source %s: it is empty. Deliver it with its lines."
              .formatted(path, contract.source()));
    }
    if (objects == 0 && !firstBroken.isEmpty()) {
      throw contract.broken(
          "file " + path,
          "none of its %,d lines is a JSON object (%s). Deliver an object a line."
              .formatted(lines, firstBroken));
    }
    line.checkTypes();
  }

  private static String reason(JsonProcessingException e) {
    String why = e.getOriginalMessage().lines().findFirst().orElse("").replaceAll("\\.$", "");
    String shown = CellParser.shown(why);
    return shown.substring(1, shown.length() - 1)
        + (e.getLocation() == null ? "" : ", column " + e.getLocation().getColumnNr());
  }

  /** The next line without its end; null behind the last. */
  private String readLine() throws IOException {
    StringBuilder longer = null;
    while (true) {
      if (at == limit) {
        at = 0;
        limit = Math.max(0, text.read(buffer, 0, buffer.length));
        if (limit == 0) {
          return longer == null ? null : trimmed(longer.toString());
        }
      }
      int from = at;
      while (at < limit && buffer[at] != '\n') {
        at++;
      }
      boolean whole = at < limit;
      if (whole && longer == null) {
        return trimmed(new String(buffer, from, at++ - from));
      }
      longer = longer == null ? new StringBuilder() : longer;
      longer.append(buffer, from, at - from);
      if (longer.length() > StoredText.LONGEST) {
        throw new StoredText.TooLong();
      }
      if (whole) {
        at++;
        return trimmed(longer.toString());
      }
    }
  }

  private static String trimmed(String line) {
    return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
  }
}
