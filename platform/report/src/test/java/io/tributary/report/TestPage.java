package io.tributary.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.report.Badge.Tone;
import io.tributary.report.Chart.Mark;
import io.tributary.report.Chart.Series;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.LocalDate;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A page with each kind of block, read as a browser reads it. */
class TestPage {
  /** Text that would end a script, an attribute, a comment or a tag if it were not escaped. */
  private static final String HOSTILE =
      "</script><script>alert(1)</script>--> \"'><img src=x> &amp;";

  private static final Page PAGE =
      new Page(
          HOSTILE,
          HOSTILE,
          List.of(
              new Section(
                  HOSTILE,
                  List.of(
                      Prose.of(HOSTILE),
                      Prose.command(HOSTILE),
                      new Answers(
                          List.of(
                              new Answers.Answer(HOSTILE, new Badge(Tone.BAD, HOSTILE), HOSTILE))),
                      new Facts(Map.of(HOSTILE, HOSTILE)),
                      new Tree(
                          List.of(
                              new Tree.Branch(
                                  HOSTILE,
                                  List.of(HOSTILE),
                                  List.of(new Tree.Branch(HOSTILE, List.of(), List.of()))))),
                      new Fold(
                          HOSTILE,
                          List.of(
                              new Table(
                                  HOSTILE,
                                  List.of(HOSTILE, HOSTILE, HOSTILE, HOSTILE),
                                  List.of(
                                      List.of(
                                          Cell.of(HOSTILE),
                                          Cell.of(new Badge(Tone.GOOD, HOSTILE)),
                                          Cell.heat(1.25),
                                          Cell.bar(0.5, 2, 2)))))),
                      new Charts(
                          List.of(
                              Chart.ofGroups(
                                  HOSTILE,
                                  HOSTILE,
                                  List.of(HOSTILE, "b"),
                                  Series.of(HOSTILE, Mark.BARS, 1, Double.NaN))))))));

  private static final Document READ = Jsoup.parse(PAGE.html());

  @Test
  void showsTextAsItIsWhateverItHolds() {
    assertThat(READ.title()).isEqualTo(HOSTILE.replaceAll(" +", " "));
    for (String where :
        List.of(
            "h1",
            "header p",
            "h2",
            "section > p",
            "pre code",
            ".answers h3",
            ".answers .badge",
            ".answers p",
            "dt",
            "dd",
            ".tree summary",
            ".tree p",
            ".tree span",
            "summary",
            "caption",
            "thead th",
            "tbody th",
            "td .badge",
            "figcaption strong",
            "figcaption span")) {
      assertThat(READ.select(where).first().wholeText()).as(where).isEqualTo(HOSTILE);
    }
    JsonNode chart = Json.read(READ.selectFirst("figure").attr("data-chart"), JsonNode.class);
    assertThat(chart.at("/places/0").asText()).isEqualTo(HOSTILE);
    assertThat(chart.at("/series/0/name").asText()).isEqualTo(HOSTILE);
    assertThat(READ.selectFirst(".plot").attr("aria-label")).isEqualTo(HOSTILE + ". " + HOSTILE);
    assertThat(READ.select("img")).isEmpty();
    assertThat(READ.select("script")).hasSize(2);
  }

  @Test
  void allowsItsOwnScriptsAndStyleAloneAndNoNetwork() throws Exception {
    String policy = READ.selectFirst("meta[http-equiv=Content-Security-Policy]").attr("content");

    assertThat(policy)
        .isEqualTo(
            "default-src 'none'; script-src %s %s; style-src %s; base-uri 'none'; form-action 'none'"
                .formatted(
                    digest(READ.select("script").get(0)),
                    digest(READ.select("script").get(1)),
                    digest(READ.selectFirst("style"))));
    assertThat(READ.select("[src], link, [style], [onclick], base, iframe, a[href^=http]"))
        .isEmpty();
    assertThat(READ.select("meta").first().attr("charset"))
        .as("read before anything else")
        .isEqualTo("utf-8");
  }

  private static String digest(Element element) throws Exception {
    byte[] digest =
        MessageDigest.getInstance("SHA-256")
            .digest(element.data().getBytes(StandardCharsets.UTF_8));
    return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
  }

  @Test
  void hasTheNumbersOfAChartInATableForThoseWhoSeeNoChart() {
    Chart chart =
        Chart.ofDays(
            "AUC",
            "Above its limit.",
            List.of(LocalDate.parse("2013-12-01"), LocalDate.parse("2013-12-02")),
            Series.of("night", Mark.LINE, 0.7251, Double.NaN),
            Series.band("interval", new double[] {0.7, 0.71}, new double[] {0.75, 0.76}));
    Document page = read(chart);

    assertThat(page.select("figure thead th").eachText())
        .containsExactly("Day", "night", "interval");
    assertThat(page.select("figure tbody tr").eachText())
        .containsExactly("2013-12-01 0.7251 0.7000 to 0.7500", "2013-12-02 – 0.7100 to 0.7600");
    assertThat(Json.read(page.selectFirst("figure").attr("data-chart"), JsonNode.class))
        .hasToString(
            "{\"axis\":\"days\",\"places\":[\"2013-12-01\",\"2013-12-02\"],\"series\":["
                + "{\"name\":\"night\",\"mark\":\"line\",\"values\":[0.7251,null]},"
                + "{\"name\":\"interval\",\"mark\":\"usual\",\"values\":[0.7,0.71],\"upper\":[0.75,0.76]}]}");
  }

  @Test
  void namesItsTablesColumnsAndRows() {
    Document page =
        read(
            new Table(
                "Inputs",
                List.of("Input", "Rows", "Verdict"),
                List.of(
                    List.of(Cell.of("a"), Cell.of(1234L), Cell.of(new Badge(Tone.BAD, "broke"))),
                    List.of(Cell.of("b"), Cell.of(5L), Cell.of("")))));

    assertThat(page.select("caption").text()).isEqualTo("Inputs");
    assertThat(page.select("thead th[scope=col]").eachText())
        .containsExactly("Input", "Rows", "Verdict");
    assertThat(page.select("thead th.number").eachText()).containsExactly("Rows");
    assertThat(page.select("tbody th[scope=row]").eachText()).containsExactly("a", "b");
    assertThat(page.select("td.number").eachText()).containsExactly("1,234", "5");
    assertThat(page.select(".scroll[tabindex=0]").attr("aria-label")).isEqualTo("Inputs");
  }

  /** A reader opens what lies deep. */
  @Test
  void keepsTheOrderOfATree() {
    Tree.Branch branch = new Tree.Branch("leaf", List.of("a 1", "b 2"), List.of());
    for (int depth = 4; depth > 0; depth--) {
      branch = new Tree.Branch("at " + depth, List.of(), List.of(branch));
    }
    Document page = read(new Tree(List.of(branch)));
    assertThat(page.select(".tree summary").eachText())
        .containsExactly("at 1", "at 2", "at 3", "at 4");
    assertThat(page.select(".tree details[open] > summary").eachText())
        .containsExactly("at 1", "at 2", "at 3");
    assertThat(page.select(".tree ul ul ul ul ul > li").eachText())
        .containsExactly("leaf a 1; b 2");
  }

  @Test
  void marksWhatIsBeyondALimitBySizeToo() {
    assertThat(List.of(0.1, 0.5, 1.0, 1.01, Double.NaN).stream().map(Cell::heat))
        .extracting(Cell::style)
        .containsExactly("heat h0", "heat h2", "heat h4", "heat over", "heat");
  }

  /** WCAG 2.1, 1.4.3: 4.5 to 1 between text and ground. */
  @Test
  void textStandsOutFromItsGroundInLightAndDark() {
    String style = READ.selectFirst("style").data();
    String dark = style.substring(style.indexOf("prefers-color-scheme: dark"));
    for (String theme : List.of(style.substring(0, style.indexOf("@media")), dark)) {
      for (String pair :
          List.of(
              "ink ground",
              "ink raised",
              "soft ground",
              "soft raised",
              "link ground",
              "good good-ground",
              "bad bad-ground",
              "unknown unknown-ground",
              "neutral neutral-ground",
              "over-ink over",
              "ink h1",
              "ink h2",
              "ink h3",
              "ink h4")) {
        String[] names = pair.split(" ", 2);
        assertThat(contrast(luminance(theme, names[0]), luminance(theme, names[1])))
            .as(pair)
            .isGreaterThanOrEqualTo(4.5);
      }
    }
  }

  private static double contrast(double a, double b) {
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }

  private static double luminance(String theme, String name) {
    var color = Pattern.compile("--" + name + ": #([0-9a-f]{6});").matcher(theme);
    assertThat(color.find()).as(name).isTrue();
    int rgb = Integer.parseInt(color.group(1), 16);
    return 0.2126 * linear(rgb >> 16)
        + 0.7152 * linear(rgb >> 8 & 255)
        + 0.0722 * linear(rgb & 255);
  }

  private static double linear(int channel) {
    double c = channel / 255.0;
    return c <= 0.03928 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4);
  }

  @Test
  void namesTheLicenceOfWhatItCarries() {
    assertThat(PAGE.html()).contains("The MIT License (MIT)", "Copyright (c) 2022 Leon Sorokin");
  }

  @Test
  void isOneFileOfModestSize(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("page.html");
    PAGE.write(file);

    assertThat(file).hasContent(PAGE.html());
    assertThat(Files.size(file)).isLessThan(75_000);
  }

  @Test
  void saysWhatToDoWhereItCanNotBeWritten(@TempDir Path folder) {
    Path file = folder.resolve("none/page.html");
    assertThatThrownBy(() -> PAGE.write(file))
        .isInstanceOf(PlatformException.class)
        .hasMessage(
            "Cannot write page %1$s: java.nio.file.NoSuchFileException: %1$s. Name a file in a folder that exists and can be written."
                .formatted(file));
  }

  private static Document read(Block block) {
    return Jsoup.parse(new Page("t", "s", List.of(new Section("x", List.of(block)))).html());
  }
}
