package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.console.Tributary;
import io.tributary.runtime.JobMain;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Projects that {@code tributary init} made run as they are. */
class ITInit {
  @TempDir private Path folder;

  @Test
  void theOneOfItsOwn() {
    assertThat(run(init()))
        .contains("orders                120          120            0            0")
        .contains("customer_history@1", "equal", "Next");
  }

  @Test
  void shopOrders() throws IOException {
    String csv =
        lines(
            "Order No;customerId;ordered_at;zip;amount;paid",
            300,
            i ->
                String.format(
                    Locale.ROOT,
                    "%06d;%d;2024-02-%02d %02d:%02d:00+01:00;0%d;%.2f;%s",
                    i,
                    i * 7 % 23,
                    i / 12 + 1,
                    i % 12 + 8,
                    i % 60,
                    1060 + i % 9,
                    i * 1.37 % 90,
                    i % 3 == 0));
    Path project = initFrom("orders", csv);
    assertThat(Files.readString(project.resolve("sources/orders.yaml")))
        .contains("order_no: string", "zip: string", "event-key: [order_no]");
    assertThat(run(project))
        .contains("orders                300          300            0            0")
        .contains("customer_history@1", "equal");
  }

  @Test
  void sensorReadingsWithoutKey() throws IOException {
    String csv =
        lines(
            "sensor,measured,temp,hum",
            400,
            i ->
                "s%d,%02d/11/2023 %02d:%02d,%s,%d"
                    .formatted(
                        i % 4,
                        i / 20 + 1,
                        i % 20,
                        i / 10 * 10 % 60,
                        i % 6 == 0 ? "NA" : i % 30 + 0.5,
                        30 + i % 50));
    csv += csv.substring(csv.lastIndexOf('\n', csv.length() - 2) + 1);
    Path project = initFrom("readings", csv);
    assertThat(Files.readString(project.resolve("sources/readings.yaml")))
        .contains(
            "No event-key",
            "measured: {type: timestamp, format: \"dd/MM/yyyy HH:mm\"}",
            "nulls: [\"NA\"]");
    assertThat(run(project))
        .contains("readings              401          401            0            0")
        .contains("sensor_history@1", "equal");
  }

  @Test
  void productsWithoutTime() throws IOException {
    String csv = lines("sku,name,price", 40, i -> "P%02d,thing %d,%d.5".formatted(i, i % 9, i));
    assertThat(run(initFrom("products", csv)))
        .contains("products               40           40            0            0")
        .contains("products_facts@1", "equal");
  }

  private Path initFrom(String name, String csv) throws IOException {
    return init("--from", Files.writeString(folder.resolve(name + ".csv"), csv).toString());
  }

  private Path init(String... options) {
    List<String> words = new ArrayList<>(List.of("init", folder.resolve("project").toString()));
    words.addAll(List.of(options));
    StringWriter err = new StringWriter();
    int code =
        Tributary.run(
            new PrintWriter(new StringWriter()),
            new PrintWriter(err),
            words.toArray(String[]::new));
    assertThat(code).as(err.toString()).isZero();
    return folder.resolve("project");
  }

  /** What a run prints. */
  private static String run(Path project) {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    int code;
    try (PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
      System.setOut(out);
      code = JobMain.run("run", new String[] {project.toString()}, new RunMain());
    } finally {
      System.setOut(before);
    }
    String text = printed.toString(StandardCharsets.UTF_8);
    assertThat(code).as(text).isZero();
    return text;
  }

  private interface Line {
    String of(int i);
  }

  private static String lines(String header, int count, Line line) {
    return header
        + "\n"
        + IntStream.range(0, count).mapToObj(line::of).collect(Collectors.joining("\n"))
        + "\n";
  }
}
