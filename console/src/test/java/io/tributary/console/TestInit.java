package io.tributary.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code tributary init} guesses, says and refuses. */
class TestInit {
  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void makesAProjectOfItsOwn() {
    assertThat(init()).as(err.toString()).isZero();
    assertThat(out.toString()).contains("key     order_id", "Next: tributary run ");
    assertThat(text("sources/orders.yaml"))
        .contains("event-time: ordered_at", "event-key: [order_id]");
    assertThat(text("features/customer_history.yaml")).contains("entity: [customer_id]");
    assertThat(text("pipelines/nightly.yaml")).contains("history: ", "until: ");
    assertThat(run("show", "orders", "--project", made().toString())).isZero();
  }

  @Test
  void overwritesNothing() throws IOException {
    Files.createDirectories(made());
    Files.writeString(made().resolve("mine.txt"), "mine");

    assertThat(init()).isEqualTo(2);

    assertThat(err.toString())
        .isEqualTo(
            "Cannot make a project in "
                + made()
                + ": it holds mine.txt, and nothing is overwritten. Name a folder that isn't there yet.\n");
    assertThat(Files.readString(made().resolve("mine.txt"))).isEqualTo("mine");
    assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void keepsCodesWithLeadingZerosAsText() {
    from(
        "id,zip,n\n"
            + lines(30, i -> "%05d,%s,%d".formatted(i, i % 2 == 0 ? "01067" : "80331", i)));
    assertThat(columns()).contains("id: string", "zip: string", "n: int");
    assertThat(text("sources/data.yaml")).contains("digits with leading zeros, as in 00000");
  }

  @Test
  void saysHowMoneyAddsUpExactly() {
    from(
        "id,price,cost,weight\n"
            + lines(30, i -> "%d,%d.%d,%de-3,%d.5".formatted(i, i, 10 + i, i + 1, i)));
    assertThat(text("sources/data.yaml"))
        .containsPattern(
            "price: double +# 0.1 to 29.39; for exact sums of money write decimal\\(18,2\\)\n")
        .containsPattern("cost: double +# 0.001 to 0.03\n")
        .containsPattern("weight: double +# 0.5 to 29.5\n");
  }

  @Test
  void refusesDatesThatMayBeginWithDayOrMonth() {
    String csv =
        "id,visited,n\n" + lines(12, i -> "%d,%02d/%02d/2024,%d".formatted(i, i % 12 + 1, 3, i));
    assertThat(initFrom(csv)).isEqualTo(2);
    assertThat(err.toString())
        .contains("column visited may begin with the day or with the month, as in 01/03/2024")
        .contains("Choose --dates dmy or --dates mdy.");

    assertThat(initFrom(csv, "--dates", "mdy")).isZero();
    assertThat(text("sources/data.yaml"))
        .contains(
            "visited: {type: date, format: MM/dd/yyyy}",
            "event-time: visited",
            "availability-delay: end-of-day        # a day is known when it is over; for a file that"
                + " arrives later, as in  end-of-day + 6h\n")
        .contains("# 2024-01-03T00:00:00Z to 2024-12-03T00:00:00Z");
  }

  @Test
  void tellsDaysFromMonthsWhereOneCellDoes() {
    from("id,visited,n\n" + lines(12, i -> "%d,%02d.%02d.2024 9:30,%d".formatted(i, i + 10, 3, i)));
    assertThat(text("sources/data.yaml"))
        .contains("visited: {type: timestamp, format: \"d.M.yyyy H:mm\"}", "event-time: visited");
  }

  @Test
  void saysOfAnAmbiguousDateThatIsNotNeeded() {
    from(
        "id,at,due,n\n"
            + lines(
                12,
                i -> "%d,2024-01-%02dT00:00:00Z,03/%02d/2024,1".formatted(i, i + 1, i % 12 + 1)));
    assertThat(columns()).contains("due: string");
    assertThat(out.toString()).contains("column due may begin with the day or with the month");
  }

  @Test
  void takesAFileWithoutTimeAsReferenceData() {
    from("code,name,people\nDE,Germany,83\nFR,France,68\nNA,Namibia,3\n");
    assertThat(text("sources/data.yaml"))
        .contains("static: true", "event-key: [code]")
        .doesNotContain("event-time", "nulls");
    assertThat(text("features/data_facts.yaml")).contains("entity: [code]", "people: people");
    assertThat(out.toString()).contains("column code has cells [NA]: they are read as text");
  }

  @Test
  void refusesReferenceDataThatNothingIdentifies() {
    assertThat(initFrom("a,b\n" + lines(30, i -> "x" + i % 3 + ",y" + i % 2))).isEqualTo(2);
    assertThat(err.toString())
        .contains("no column is a time", "Name them with --time COLUMN or --key");
  }

  private static String purchases(int days) {
    return "customer_id,purchase_no,day,amount\n"
        + lines(
            200,
            i ->
                "c%d,%d,2024-01-%02d,%d.5".formatted(i % 10, i / 10, i / 10 / 2 % days + 1, i % 7));
  }

  @Test
  void takesTheEntityAndWhatNumbersItsRowsForTheKey() {
    from(purchases(10));
    assertThat(text("sources/data.yaml"))
        .contains(
            "event-key: [customer_id, purchase_no]        # no two rows of the file are equal in"
                + " it; a row of equal key that is known later is a correction\n",
            "on-duplicate-key: refuse");
  }

  @Test
  void saysThatANamedKeyDoesNotTellRowsApartAndWhatWould() {
    assertThat(initFrom(purchases(10), "--key", "customer_id,day")).as(err.toString()).isZero();
    assertThat(text("sources/data.yaml"))
        .contains(
            "event-key: [customer_id, day]        # TOO COARSE: 100 rows have key and time of a row"
                + " before them and other values; a row of equal key that is known later is a"
                + " correction\n")
        .doesNotContain("no two rows");
    assertThat(out.toString())
        .contains(
            "key customer_id, day does not distinguish rows: 100 rows have key and time of a row"
                + " before them and other values, as rows 1 and 11 behind the header; as it stands"
                + " the file is rejected. With purchase_no it does: --key customer_id,day,purchase_no");
  }

  @Test
  void saysThatRowsOfANamedKeyAreCorrections() {
    String rows = lines(30, i -> "o%d,2024-01-%02dT10:00:00Z,%d".formatted(i % 20, i + 1, i));
    assertThat(initFrom("id,at,n\n" + rows, "--key", "id")).as(err.toString()).isZero();
    assertThat(text("sources/data.yaml"))
        .contains("10 rows have the key of a row before them, at another time");
    assertThat(out.toString()).doesNotContain("tell rows apart");
  }

  @Test
  void claimsNoKeyThatRepeatsBehindTheRowsThatAProfileKeeps() {
    int rows = 250_000;
    StringBuilder csv = new StringBuilder("ticket_id,at,n\n");
    for (int i = 0; i < rows; i++) {
      csv.append(i % (rows - 1)).append(",2024-01-01T10:00:00Z,").append(i % 5).append('\n');
    }
    from(csv.toString());
    assertThat(text("sources/data.yaml")).contains("No event-key").doesNotContain("event-key: [");
  }

  @Test
  void saysThatRowsHaveNoKey() {
    String rows =
        lines(40, i -> "s%d,2024-01-01T%02d:00:00Z,%d".formatted(i % 3, i % 20 / 2, i % 7));
    from("sensor,at,value\n" + rows);
    assertThat(text("sources/data.yaml")).contains("No event-key").doesNotContain("event-key: [");
    assertThat(text("features/sensor_history.yaml")).contains("mean_value: mean(value) over");
  }

  @Test
  void readsWordsForMissingValuesAsSuchOnlyInTypedColumns() {
    from(
        "id,at,temp,state\n"
            + lines(
                20,
                i ->
                    "%d,2024-01-%02d 10:00:00,%s,%s"
                        .formatted(i, i + 1, i % 4 == 0 ? "NA" : "1.5", i % 5 == 0 ? "NA" : "ok")));
    assertThat(text("sources/data.yaml")).contains("nulls: [\"NA\"]", "temp: double");
    assertThat(out.toString())
        .contains("column state has cells [NA], which other columns use for a missing value");
  }

  @Test
  void saysWhichCellsKeepAColumnFromBeingNumbers() {
    from(
        "id,at,n\n"
            + lines(20, i -> "%d,2024-01-%02d,%s".formatted(i, i + 1, i == 7 ? "twelve" : "" + i)));
    assertThat(columns()).contains("n: string");
    assertThat(out.toString())
        .contains(
            "column n would be whole but for 1 of 20 cells, as \"twelve\": it is read as text");
  }

  @Test
  void readsSemicolonsQuotesAndDecimalCommas() {
    from(
        "\"id\";\"at\";\"text\";\"price\"\n"
            + lines(10, i -> "%d;2024-01-%02d;\"a;b \"\"c\"\"\nd\";%d,5".formatted(i, i + 1, i)));
    assertThat(text("sources/data.yaml")).contains("options: {delimiter: \";\"}");
    assertThat(out.toString()).contains("column price has numbers with a decimal comma");
  }

  @Test
  void renamesColumnsThatNoColumnMayBeCalled() throws IOException {
    from("Order No,größe,at\n" + lines(30, i -> i + ",1,2024-01-%02d".formatted(i + 1)));
    assertThat(Files.readAllLines(made().resolve("data/data.csv")).get(0))
        .isEqualTo("order_no,gr_e,at");
    assertThat(out.toString()).contains("column \"Order No\" is called order_no");
  }

  @Test
  void refusesWhatIsNoTableWithNames() {
    assertThat(initFrom("")).isEqualTo(2);
    assertThat(initFrom("a,b\n")).isEqualTo(2);
    assertThat(initFrom("1,2024-01-01,3\n2,2024-01-02,4\n")).isEqualTo(2);
    assertThat(initFrom("a,A\n1,2\n")).isEqualTo(2);
    assertThat(initFrom("a,b\n1,2,3\n4,5,6\n")).isEqualTo(2);
    assertThat(err.toString())
        .contains(
            "it is empty",
            "a header line and no rows",
            "its first line holds values (1, 2024-01-01, 3)")
        .contains("two of its columns would be called A", "its first line has 2 cells, and 2 of 2");
    assertThat(made()).doesNotExist();
  }

  @Test
  void refusesAFileThatIsNotUtf8() throws IOException {
    Path file = folder.resolve("data.csv");
    Files.write(file, "id,name\n1,M\u00fcller\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(run("init", made().toString(), "--from", file.toString())).isEqualTo(2);
    assertThat(err.toString()).contains("it is not written in UTF-8. Convert it first");
  }

  @Test
  void makesNoFeaturesOfPartsOfDates() {
    from(
        "shop,at,month,amount\n"
            + lines(30, i -> "s%d,2024-01-%02dT10:00:00Z,1,%d.5".formatted(i % 3, i + 1, i)));
    assertThat(text("features/shop_history.yaml"))
        .contains("mean_amount: mean(amount)")
        .doesNotContain("month");
  }

  @Test
  void answersInJson() {
    assertThat(init("--json")).isZero();
    JsonNode made = Json.read(out.toString(), JsonNode.class);
    assertThat(made.get("view").asText()).isEqualTo("customer_history@1");
    assertThat(made.get("files")).hasSizeGreaterThan(5);
  }

  private Path made() {
    return folder.resolve("made");
  }

  private int init(String... options) {
    List<String> words = new ArrayList<>(List.of("init", made().toString()));
    words.addAll(Arrays.asList(options));
    return run(words.toArray(String[]::new));
  }

  private void from(String csv) {
    assertThat(initFrom(csv)).as(err.toString()).isZero();
  }

  private int initFrom(String csv, String... options) {
    try {
      Path file = Files.writeString(folder.resolve("data.csv"), csv);
      List<String> words = new ArrayList<>(List.of("--from", file.toString()));
      words.addAll(Arrays.asList(options));
      return init(words.toArray(String[]::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int run(String... words) {
    return Tributary.run(new PrintWriter(out), new PrintWriter(err), words);
  }

  private String text(String file) {
    try {
      return Files.readString(made().resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> columns() {
    return text("sources/data.yaml").lines().map(l -> l.replaceFirst("#.*", "").strip()).toList();
  }

  private interface Line {
    String of(int i);
  }

  private static String lines(int count, Line line) {
    return IntStream.range(0, count).mapToObj(line::of).collect(Collectors.joining("\n")) + "\n";
  }
}
