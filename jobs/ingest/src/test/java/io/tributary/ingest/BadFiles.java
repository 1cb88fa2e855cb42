package io.tributary.ingest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A small valid file of sales, and a seeded generator of files that are like it and wrong. */
final class BadFiles {
  static final List<String> COLUMNS =
      List.of("id", "name", "price", "amount", "units", "day", "at", "paid");

  static final String SOURCE =
      """
      source: sales
      read: {format: csv, path: "data/sales*", header: true, nulls: [NA]}
      columns:
        id: bigint
        name: string
        price: double
        amount: decimal(10,2)
        units: int
        day: date
        at: timestamp
        paid: boolean
      event-key: [id]
      event-time: at
      availability-delay: 0s
      expectations: sales.json
      """;

  static final String SUITE =
      """
      {"name": "sales", "expectations": [
        {"type": "expect_column_values_to_be_between",
         "kwargs": {"column": "at", "min_value": "2013-01-01T00:00:00Z",
                    "max_value": "2014-01-01T00:00:00Z", "mostly": 0.0}},
        {"type": "expect_column_values_to_be_between",
         "kwargs": {"column": "day", "min_value": "2013-01-01", "max_value": "2013-12-31", "mostly": 0.0}},
        {"type": "expect_column_values_to_be_between",
         "kwargs": {"column": "price", "min_value": 0, "max_value": 1000, "mostly": 0.0}},
        {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "paid", "mostly": 0.0}}
      ]}
      """;

  static final int ROWS = 24;
  private static final long SEED = 20131031;

  /**
   * One file.
   *
   * @param kind what is wrong with it, for the tally
   * @param path its name
   * @param bytes as it lies there
   * @param plain its text's bytes, unpacked
   */
  record Variant(String kind, String name, String path, byte[] bytes, byte[] plain) {
    @Override
    public String toString() {
      return kind + ": " + name;
    }
  }

  private final List<Variant> variants = new ArrayList<>();
  private final Random random = new Random(SEED);
  private final List<List<String>> rows = rows();
  private final String valid = text(COLUMNS, rows);

  private BadFiles() {}

  static String valid() {
    return text(COLUMNS, rows());
  }

  static List<Variant> all() {
    BadFiles files = new BadFiles();
    files.flipped();
    files.truncated();
    files.columns();
    files.encodings();
    files.quotes();
    files.delimiters();
    files.times();
    files.numbers();
    files.nulls();
    files.sizes();
    files.lineEnds();
    files.compressed();
    return files.variants;
  }

  private static List<List<String>> rows() {
    String[] names = {
      "Ann",
      "Bob",
      "\"Cohen, Dee\"",
      "\"two\nlines\"",
      "Éva",
      "\"say \"\"hi\"\"\"",
      "\"\"",
      "O'Neil"
    };
    List<List<String>> rows = new ArrayList<>();
    for (int i = 1; i <= ROWS; i++) {
      rows.add(
          List.of(
              String.valueOf(1000 + i),
              names[i % names.length],
              i % 7 == 0 ? "NA" : String.valueOf(1.5 * i),
              i + ".25",
              String.valueOf(10 * i),
              "2013-01-%02d".formatted(i),
              "2013-01-%02dT12:%02d:00Z".formatted(i, i),
              i % 2 == 0 ? "true" : "false"));
    }
    return rows;
  }

  private static String text(List<String> header, List<List<String>> rows) {
    StringBuilder text = new StringBuilder(String.join(",", header)).append('\n');
    rows.forEach(r -> text.append(String.join(",", r)).append('\n'));
    return text.toString();
  }

  private void add(String kind, String name, byte[] bytes) {
    add(kind, name, ".csv", bytes, bytes);
  }

  private void add(String kind, String name, String text) {
    add(kind, name, text.getBytes(UTF_8));
  }

  private void add(String kind, String name, String extension, byte[] bytes, byte[] plain) {
    String path = "data/sales-%03d%s".formatted(variants.size(), extension);
    variants.add(new Variant(kind, name, path, bytes, plain));
  }

  /** The valid file with another text in one cell. */
  private void cell(String kind, String column, String text) {
    cell(kind, column, text, 8);
  }

  private void cell(String kind, String column, String text, int row) {
    List<List<String>> changed = new ArrayList<>(rows);
    List<String> cells = new ArrayList<>(rows.get(row));
    cells.set(COLUMNS.indexOf(column), text);
    changed.set(row, cells);
    String shown = text.length() > 30 ? text.substring(0, 30) + "…" : text;
    add(kind, column + " = " + shown, text(COLUMNS, changed));
  }

  private void flipped() {
    for (int i = 0; i < 60; i++) {
      byte[] bytes = valid.getBytes(UTF_8);
      int at = random.nextInt(bytes.length);
      int bit = random.nextInt(8);
      bytes[at] ^= (byte) (1 << bit);
      add("a bit flipped", "bit " + bit + " of byte " + at, bytes);
    }
    for (int i = 0; i < 10; i++) {
      byte[] bytes = valid.getBytes(UTF_8);
      int at = random.nextInt(bytes.length - 20);
      for (int k = 0; k < 16; k++) {
        bytes[at + k] = (byte) random.nextInt(256);
      }
      add("noise", "16 bytes from " + at, bytes);
    }
    byte[] noise = new byte[4_096];
    random.nextBytes(noise);
    add("noise", "nothing else", noise);
  }

  private void truncated() {
    byte[] bytes = valid.getBytes(UTF_8);
    for (int i = 0; i < 24; i++) {
      int length = 1 + random.nextInt(bytes.length - 1);
      add("truncated", length + " bytes", Arrays.copyOf(bytes, length));
    }
    add("truncated", "its beginning lost", Arrays.copyOfRange(bytes, 20, bytes.length));
    int middle = bytes.length / 2;
    byte[] hole = Arrays.copyOf(bytes, bytes.length - 100);
    System.arraycopy(bytes, middle + 100, hole, middle, bytes.length - middle - 100);
    add("truncated", "a hole of 100 bytes", hole);
    byte[] zeros = bytes.clone();
    Arrays.fill(zeros, middle, middle + 100, (byte) 0);
    add("truncated", "a hole of 100 zeros", zeros);
  }

  private void columns() {
    for (int i = 0; i < 8; i++) {
      List<Integer> order = new ArrayList<>(List.of(0, 1, 2, 3, 4, 5, 6, 7));
      Collections.shuffle(order, random);
      List<List<String>> shuffled =
          rows.stream().map(r -> order.stream().map(r::get).toList()).toList();
      add("columns", "shuffled", text(order.stream().map(COLUMNS::get).toList(), shuffled));
      add("columns", "shuffled under the old header", text(COLUMNS, shuffled));
    }
    for (int c = 0; c < COLUMNS.size(); c++) {
      int dropped = c;
      add("columns", COLUMNS.get(c) + " dropped", without(COLUMNS, dropped, true));
      add(
          "columns",
          COLUMNS.get(c) + " dropped but in the header",
          without(COLUMNS, dropped, false));
      List<String> header = new ArrayList<>(COLUMNS);
      header.add(c, COLUMNS.get(c));
      List<List<String>> twice = new ArrayList<>();
      for (List<String> row : rows) {
        List<String> cells = new ArrayList<>(row);
        cells.add(dropped, row.get(dropped));
        twice.add(cells);
      }
      add("columns", COLUMNS.get(c) + " twice", text(header, twice));
      add("columns", COLUMNS.get(c) + " twice but in the header", text(COLUMNS, twice));
    }
    String lines = valid.substring(valid.indexOf('\n') + 1);
    add("columns", "no header", lines);
    add("columns", "header in capitals", "ID,NAME,PRICE,AMOUNT,UNITS,DAY,AT,PAID\n" + lines);
    add("columns", "header with blanks", "id, name, price, amount, units, day, at, paid\n" + lines);
    add("columns", "header twice", valid + valid);
    add("columns", "a column renamed", valid.replaceFirst("units", "unit"));
    add("columns", "a column more", valid.replace("\n", ",x\n"));
    add("columns", "a delimiter at the end of lines", lines(l -> l + ",", false));
    List<List<String>> rotated = new ArrayList<>(rows);
    for (int i = 5; i < 9; i++) {
      List<String> cells = new ArrayList<>(rows.get(i));
      Collections.rotate(cells, 1);
      rotated.set(i, cells);
    }
    add("columns", "cells of some lines moved by one", text(COLUMNS, rotated));
  }

  private String without(List<String> header, int column, boolean fromHeader) {
    List<String> names = new ArrayList<>(header);
    if (fromHeader) {
      names.remove(column);
    }
    List<List<String>> fewer = new ArrayList<>();
    for (List<String> row : rows) {
      List<String> cells = new ArrayList<>(row);
      cells.remove(column);
      fewer.add(cells);
    }
    return text(names, fewer);
  }

  private interface Change {
    String of(String line);
  }

  /** The valid file with each row's text changed. */
  private String lines(Change change, boolean header) {
    StringBuilder text = new StringBuilder();
    String names = String.join(",", COLUMNS);
    text.append(header ? change.of(names) : names).append('\n');
    rows.forEach(r -> text.append(change.of(String.join(",", r))).append('\n'));
    return text.toString();
  }

  private void encodings() {
    String bom = "\ufeff";
    add("encodings", "UTF-8 with mark", bom + valid);
    add("encodings", "UTF-8 with two marks", bom + bom + valid);
    add("encodings", "two files with marks, one behind the other", bom + valid + bom + valid);
    add("encodings", "a mark in a line", valid.replace("\n1010", "\n" + bom + "1010"));
    add("encodings", "UTF-16 little", valid.getBytes(UTF_16LE));
    add("encodings", "UTF-16 big", valid.getBytes(UTF_16BE));
    add("encodings", "UTF-16 little with mark", (bom + valid).getBytes(UTF_16LE));
    add("encodings", "UTF-16 big with mark", (bom + valid).getBytes(UTF_16BE));
    add("encodings", "UTF-32", valid.getBytes(Charset.forName("UTF-32BE")));
    add("encodings", "UTF-32 with mark", (bom + valid).getBytes(Charset.forName("UTF-32LE")));
    add("encodings", "Latin-1", valid.getBytes(ISO_8859_1));
    add("encodings", "Latin-1, all names", valid.replace("Ann", "Zoë").getBytes(ISO_8859_1));
    add(
        "encodings",
        "Windows-1252",
        valid.replace("Bob", "“Bob”").getBytes(Charset.forName("windows-1252")));
    add("encodings", "EBCDIC", valid.getBytes(Charset.forName("IBM037")));
    add(
        "encodings",
        "UTF-8 read as Latin-1 and written again",
        new String(valid.getBytes(UTF_8), ISO_8859_1));
    add(
        "encodings",
        "overlong",
        replace(valid, "Bob", new byte[] {'B', (byte) 0xc1, (byte) 0xaf, 'b'}));
    add(
        "encodings",
        "half a pair",
        replace(valid, "Bob", new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80}));
    add(
        "encodings",
        "a character cut",
        replace(valid, "Bob", new byte[] {'B', (byte) 0xe2, (byte) 0x82}));
    add("encodings", "digits of another script", valid.replace("1003,", "١٠٠٣,"));
    add("encodings", "wide digits", valid.replace("1003,", "１００３,"));
    add("encodings", "no-break blank in a number", valid.replace(",90,", ",9\u00a00,"));
    add("encodings", "zero width blank in a number", valid.replace(",90,", ",9\u200b0,"));
    add("encodings", "minus that is none", valid.replace(",90,", ",\u221290,"));
  }

  private static byte[] replace(String text, String what, byte[] by) {
    String marked = text.replace(what, "\u0001");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (byte b : marked.getBytes(UTF_8)) {
      if (b == 1) {
        bytes.writeBytes(by);
      } else {
        bytes.write(b);
      }
    }
    return bytes.toByteArray();
  }

  private void quotes() {
    for (int row : new int[] {0, 3, 8, 15, 22, 23}) {
      cell("quotes", "name", "\"open", row);
      cell("quotes", "name", "closed\"", row);
      cell("quotes", "name", "\"two\nlines of\nan open one", row);
    }
    cell("quotes", "name", "in\"side");
    cell("quotes", "name", "\"text\" behind");
    cell("quotes", "name", "\"one\"two\"");
    cell("quotes", "name", "\"\"\"");
    cell("quotes", "name", "\"back\\\"slash\"");
    cell("quotes", "name", "'single, quotes'");
    cell("quotes", "name", "“curly, quotes”");
    cell("quotes", "name", " \"blank before\"");
    cell(
        "quotes",
        "name",
        "\"a line\n1099,Eve,1.0,1.25,10,2013-01-01,2013-01-01T12:00:00Z,true\nin it\"");
    cell("quotes", "units", "\"90\"");
    cell("quotes", "units", "\"9\n0\"");
    cell("quotes", "units", "\"90");
    add("quotes", "whole lines quoted", lines(l -> '"' + l.replace("\"", "\"\"") + '"', false));
    add("quotes", "an open one at the end", valid + "\"");
  }

  private void delimiters() {
    for (String delimiter : List.of(";", "\t", "|", " ", "\u0001", ", ")) {
      add("delimiters", "all \"" + delimiter + "\"", valid.replace(",", delimiter));
      add(
          "delimiters",
          "\"" + delimiter + "\" under the right header",
          lines(l -> l.replace(",", delimiter), false));
      add(
          "delimiters",
          "\"" + delimiter + "\" in some lines",
          lines(l -> l.startsWith("101") ? l.replace(",", delimiter) : l, false));
    }
  }

  private void times() {
    for (String day :
        List.of(
            "2013-02-30",
            "2013-13-01",
            "2013-00-10",
            "2013-01-00",
            "01/31/2013",
            "31/01/2013",
            "31.01.2013",
            "20130131",
            "2013-1-5",
            "13-01-31",
            "Jan 31 2013",
            "2013-01-31T00:00:00",
            "2013-W05-4",
            "2013-031",
            "0000-01-01",
            "0001-01-01",
            "1582-10-10",
            "9999-12-31",
            "10000-01-01",
            "-0044-03-15",
            "2013-01-31 BC",
            "41305",
            "today",
            "2013-02-29",
            "2013/01/31")) {
      cell("dates", "day", day);
    }
    for (String at :
        List.of(
            "2013-01-31T24:00:00Z",
            "2013-01-31T25:00:00Z",
            "2013-01-31T12:60:00Z",
            "2013-06-30T23:59:60Z",
            "2013-01-31T12:00:00+25:00",
            "2013-01-31T12:00:00-05:00",
            "2013-01-31T12:00:00+0530",
            "2013-01-31 12:00:00 EST",
            "2013-01-31T12:00:00[America/New_York]",
            "2013-03-10 02:30:00",
            "2013-11-03 01:30:00",
            "2013-01-31T12:00:00.123456Z",
            "2013-01-31T12:00:00.123456789Z",
            "1359633600",
            "1359633600000",
            "2013-01-31 12 PM",
            "31/01/2013 12:00",
            "0000-01-01T00:00:00Z",
            "0001-01-01T00:00:00Z",
            "1582-10-10T00:00:00Z",
            "1899-12-31T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "294247-01-10T04:00:54Z",
            "2013-02-29T12:00:00Z",
            "2013-01-31",
            "noon",
            "2013-01-31T12",
            "2013-01-31t12:00:00z")) {
      cell("times", "at", at);
    }
  }

  private void numbers() {
    for (String n :
        List.of(
            "2147483648",
            "-2147483649",
            "99999999999999999999",
            "1.5",
            "1.0",
            "1e3",
            "0x1F",
            "0b11",
            "1_000",
            "\"1,000\"",
            "1.000,5",
            "1 000",
            "1'000",
            "$5",
            "5%",
            "+5",
            "--5",
            "5-",
            "(5)",
            "007",
            " 5 ",
            "five",
            "½",
            "5L",
            "-0",
            "∞",
            "1,000")) {
      cell("numbers", "units", n);
    }
    for (String n :
        List.of(
            "1e999",
            "-1e999",
            "1e-999",
            "1.7976931348623159e308",
            "0x1p3",
            "1.5d",
            "1.5f",
            "1,5",
            "\"1,5\"",
            "\"1,234.5\"",
            "NaN",
            "Infinity",
            "-inf",
            "1.5.5",
            "1e",
            "e5",
            ".",
            ".5",
            "5.",
            "1.5E+3",
            "1 .5",
            "1.5 €")) {
      cell("numbers", "price", n);
    }
    for (String n :
        List.of(
            "123456789.00",
            "1.234",
            "1.230",
            "1e2",
            "1e-2",
            "1e9",
            "NaN",
            "\"1,234.50\"",
            "9".repeat(200),
            "-0.00")) {
      cell("numbers", "amount", n);
    }
    for (String b : List.of("1", "0", "yes", "T", "TRUE", "tru", "true false", "wahr")) {
      cell("numbers", "paid", b);
    }
    for (String id : List.of("9223372036854775808", "1003", "-1", "1e3")) {
      cell("numbers", "id", id);
    }
  }

  private void nulls() {
    for (String none :
        List.of(
            "", "NA", "null", "NULL", "None", "\\N", "-", "n/a", "nan", "?", "\"\"", "\"NA\"",
            " ")) {
      cell("nulls", "units", none);
      cell("nulls", "name", none);
      cell("nulls", "at", none);
    }
    cell("nulls", "id", "");
    cell("nulls", "id", "NA");
  }

  private void sizes() {
    cell("sizes", "name", "x".repeat(1 << 20));
    cell("sizes", "name", "\"" + "x\n".repeat(50_000) + "\"");
    cell("sizes", "name", "\"" + "x".repeat(17 << 20) + "\"");
    cell("sizes", "units", "9".repeat(100_000));
    cell("sizes", "price", "0." + "1".repeat(100_000));
    add("sizes", "a line of 100,000 cells", valid + ",".repeat(100_000) + "\n");
    add("sizes", "a header of 100,000 cells", valid.replaceFirst("\n", ",".repeat(100_000) + "\n"));
    add("sizes", "a line without end", "x".repeat(17 << 20));
  }

  private void lineEnds() {
    add("line ends", "CRLF", valid.replace("\n", "\r\n"));
    add("line ends", "CR", valid.replace("\n", "\r"));
    add("line ends", "CR in some lines", valid.replace("\n1010", "\r1010"));
    add("line ends", "LFCR", valid.replace("\n", "\n\r"));
    add("line ends", "CRCRLF", valid.replace("\n", "\r\r\n"));
    add("line ends", "blank lines", valid.replace("\n10", "\n\n\n10"));
    add("line ends", "lines of blanks", valid.replace("\n10", "\n  \n10"));
    add("line ends", "line separators", valid.replace("\n10", "\u202810"));
    add("line ends", "next line characters", valid.replace("\n10", "\u008510"));
    add("line ends", "form feeds", valid.replace("\n10", "\f10"));
    add("line ends", "no end of the last line", valid.substring(0, valid.length() - 1));
    add("line ends", "end of file character", valid + "\u001a");
    add("line ends", "a comment before", "# sales of January\n" + valid);
    add("line ends", "a comment within", valid.replace("\n1010", "\n# from here on\n1010"));
    add("line ends", "a total behind", valid + "Total,,,300\n");
    add("line ends", "sep= before", "sep=,\n" + valid);
    add(
        "line ends",
        "a web page",
        "<!DOCTYPE html>\n<html><body>504 Gateway Timeout</body></html>\n");
    add("line ends", "JSON", "[{\"id\": 1, \"name\": \"Ann\"}]\n");
    add("line ends", "header alone", String.join(",", COLUMNS) + "\n");
    add("line ends", "header alone without its end", String.join(",", COLUMNS));
    add("line ends", "nothing", "");
    add("line ends", "one line end", "\n");
    add("line ends", "blanks", "   \n  \n");
    add("line ends", "a mark alone", "\ufeff");
    cell("zero bytes", "name", "A\0B");
    cell("zero bytes", "units", "9\0");
    cell("zero bytes", "at", "\0");
    add("zero bytes", "nothing else", new byte[1_000]);
    add("zero bytes", "at the end", valid + "\0".repeat(512));
    add("zero bytes", "at the beginning", "\0" + valid);
    add("zero bytes", "between all characters", valid.replaceAll("(?s)(.)", "$1\0"));
  }

  private void compressed() {
    byte[] plain = valid.getBytes(UTF_8);
    byte[] packed = gzip(plain);
    gz("whole", packed, plain);
    add("gzip", "whole under the name .csv", ".csv", packed, plain);
    add("gzip", "not compressed under the name .gz", ".csv.gz", plain, plain);
    for (int cut :
        new int[] {
          1, 5, 9, 12, packed.length / 2, packed.length - 9, packed.length - 8, packed.length - 1
        }) {
      gz("the first " + cut + " bytes", Arrays.copyOf(packed, cut), plain);
    }
    for (int i = 0; i < 12; i++) {
      byte[] flipped = packed.clone();
      int at = 10 + random.nextInt(packed.length - 10);
      flipped[at] ^= (byte) (1 << random.nextInt(8));
      gz("a bit of byte " + at + " flipped", flipped, plain);
    }
    gz("text behind it", join(packed, "garbage behind it".getBytes(UTF_8)), plain);
    gz("one byte behind it", join(packed, new byte[] {7}), plain);
    gz("zeros behind it", join(packed, new byte[512]), plain);
    int half = valid.indexOf("\n1012") + 1;
    byte[] first = gzip(valid.substring(0, half).getBytes(UTF_8));
    byte[] second = gzip(valid.substring(half).getBytes(UTF_8));
    gz("two members", join(first, second), plain);
    byte[] damaged = second.clone();
    damaged[0] = 0;
    gz("two members, the second's header damaged", join(first, damaged), plain);
    gz("two members, the second cut", join(first, Arrays.copyOf(second, second.length / 2)), plain);
    gz("two members, the second's first byte alone", join(first, Arrays.copyOf(second, 1)), plain);
    gz("two members, an empty one between", join(join(first, gzip(new byte[0])), second), plain);
    gz("packed twice", gzip(packed), packed);
    gz("nothing in it", gzip(new byte[0]), new byte[0]);
    gz("no bytes", new byte[0], new byte[0]);
    add("gzip", "a zip file", ".csv.zip", zip(plain), zip(plain));
    add("gzip", "a zip file under the name .gz", ".csv.gz", zip(plain), zip(plain));
    add(
        "gzip",
        "the mark of bzip2",
        ".csv.bz2",
        join("BZh91AY&SY".getBytes(UTF_8), packed),
        packed);
  }

  private void gz(String name, byte[] bytes, byte[] plain) {
    add("gzip", name, ".csv.gz", bytes, plain);
  }

  private static byte[] join(byte[] one, byte[] two) {
    byte[] both = Arrays.copyOf(one, one.length + two.length);
    System.arraycopy(two, 0, both, one.length, two.length);
    return both;
  }

  private static byte[] gzip(byte[] plain) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return packed.toByteArray();
  }

  private static byte[] zip(byte[] plain) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(packed)) {
      out.putNextEntry(new ZipEntry("sales.csv"));
      out.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return packed.toByteArray();
  }

  /** Outcomes by kind, as a table. */
  static String tally(Map<String, Map<String, Integer>> outcomes, List<String> columns) {
    Map<String, Integer> totals = new LinkedHashMap<>();
    StringBuilder table = new StringBuilder("%-16s".formatted("kind"));
    columns.forEach(c -> table.append("%20s".formatted(c)));
    table.append("%10s%n".formatted("files"));
    outcomes.forEach(
        (kind, counts) -> {
          table.append("%-16s".formatted(kind));
          int files = 0;
          for (String column : columns) {
            int count = counts.getOrDefault(column, 0);
            totals.merge(column, count, Integer::sum);
            files += count;
            table.append("%20d".formatted(count));
          }
          table.append("%10d%n".formatted(files));
        });
    table.append("%-16s".formatted("all"));
    columns.forEach(c -> table.append("%20d".formatted(totals.getOrDefault(c, 0))));
    return table
        .append("%10d%n".formatted(totals.values().stream().mapToInt(Integer::intValue).sum()))
        .toString();
  }
}
