package io.tributary.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TestTimeFormat {
  @ParameterizedTest
  @CsvSource({
    "dd/MM/yyyy, 31/01/2021, 2021-01-31",
    "d.M.yyyy, 1.2.2021, 2021-02-01",
    "d.M.yyyy, 01.12.2021, 2021-12-01",
    "yyyyMMdd, 20210131, 2021-01-31",
    "d-MMM-yyyy, 3-SEP-2021, 2021-09-03",
    "'on' MM/dd/yyyy, on 02/29/2020, 2020-02-29",
  })
  void readsDays(String pattern, String text, LocalDate day) {
    TimeFormat format = new TimeFormat(pattern);
    assertThat(format.isDay()).isTrue();
    assertThat(LocalDate.from(format.formatter().parse(text))).isEqualTo(day);
  }

  @ParameterizedTest
  @CsvSource({
    "dd/MM/yyyy HH:mm, 31/01/2021 06:05, 2021-01-31T06:05",
    "MM/dd/yyyy h:mm:ss a, 01/31/2021 12:05:09 am, 2021-01-31T00:05:09",
    "MM/dd/yyyy h:mm:ss a, 01/31/2021 12:05:09 PM, 2021-01-31T12:05:09",
    "yyyyMMddHHmmssSSS, 20210131060509123, 2021-01-31T06:05:09.123",
    "yyyy-MM-dd HH, 2021-01-31 23, 2021-01-31T23:00",
  })
  void readsTimesOfDay(String pattern, String text, LocalDateTime at) {
    TimeFormat format = new TimeFormat(pattern);
    assertThat(format.isDay()).isFalse();
    var parsed = format.formatter().parse(text);
    assertThat(LocalDate.from(parsed).atTime(LocalTime.from(parsed))).isEqualTo(at);
  }

  @ParameterizedTest
  @CsvSource({
    "dd/MM/yyyy HH:mm X, 31/01/2021 06:05 +01",
    "dd/MM/yyyy HH:mmXX, 31/01/2021 06:05+0100",
    "dd/MM/yyyy HH:mmXXX, 31/01/2021 06:05+01:00",
  })
  void readsOffsets(String pattern, String text) {
    assertThat(OffsetDateTime.from(new TimeFormat(pattern).formatter().parse(text)))
        .isEqualTo("2021-01-31T06:05+01:00");
  }

  @ParameterizedTest
  @CsvSource({
    "dd/MM/yyyy, 31/02/2021",
    "dd/MM/yyyy, 1/2/2021",
    "dd/MM/yyyy, 01/13/2021",
    "dd/MM/yyyy, 01/01/21",
    "dd/MM/yyyy, '01/01/2021 '",
    "dd/MM/yyyy HH:mm, 01/01/2021 24:00",
    "dd/MM/yyyy HH:mm:ss, 01/01/2021 10:00:60",
    "MM/dd/yyyy h:mm a, 01/31/2021 13:05 PM",
  })
  void readsStrictly(String pattern, String text) {
    assertThatThrownBy(() -> new TimeFormat(pattern).formatter().parse(text))
        .isInstanceOf(DateTimeException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "dd/MM/yy | a year has four digits here. Write yyyy.",
        "dd/MM | it has no day.",
        "MM/yyyy HH:mm | it has no day.",
        "dMyyyy | the end of one number",
        "yyyy-MM-dd HH:mm:sSSS | the end of one number",
        "yyyy-MM-dd H10:mm | the end of one number",
        "MM/yyyy/d'1' | the end of one number",
        "yyyy-MM-dd HHXmm | the end of one number",
        "yyyy-MM-dd hh:mm | h and a together",
        "yyyy-MM-dd HH:mm a | it has the hour twice",
        "yyyy-MM-dd mm:ss | Write the hour first",
        "yyyy-MM-dd HH:ss | Write the hour first",
        "yyyy-MM-dd XXX | Write the hour first",
        "yyyy-MM-dd EEE | \"EEE\" has no meaning here. Write yyyy, M or MM",
        "YYYY-MM-dd | \"YYYY\" has no meaning here",
        "yyyy-MM-dd'T | a quote is never closed",
        "yyyy-MM-dd[ HH:mm] | it has [, which has a meaning of its own",
        "dd/dd/yyyy | it has d twice",
      })
  void refusesWhatIdentifiesNoDay(String pattern, String why) {
    assertThatThrownBy(() -> new TimeFormat(pattern))
        .isInstanceOf(PlatformException.class)
        .hasMessageStartingWith("Cannot read format \"" + pattern + "\": ")
        .hasMessageContaining(why);
  }

  /** Parts in any order with any separators: what is not refused reads back what it writes. */
  @Test
  void readsBackWhatItWritesOrIsRefused() {
    Random random = new Random(7);
    List<List<String>> parts =
        List.of(
            List.of("yyyy"),
            List.of("M", "MM", "MMM"),
            List.of("d", "dd"),
            List.of("H", "HH", "h", "hh"),
            List.of("m", "mm"),
            List.of("s", "ss"),
            List.of("a"),
            List.of("S", "SSS", "SSSSSS"),
            List.of("X", "XX", "XXX"));
    List<String> between = List.of("", "", "/", "-", ".", " ", ":", "'T'", "1", "'0'", "''", "+");
    int read = 0;
    for (int i = 0; i < 200_000; i++) {
      List<String> chosen = new ArrayList<>();
      for (int part = 0; part < parts.size(); part++) {
        if (part < 3 || random.nextBoolean()) {
          List<String> ways = parts.get(part);
          chosen.add(ways.get(random.nextInt(ways.size())));
        }
      }
      if (random.nextBoolean()) {
        Collections.shuffle(chosen, random);
      }
      StringBuilder pattern = new StringBuilder();
      chosen.forEach(
          part -> pattern.append(part).append(between.get(random.nextInt(between.size()))));
      TimeFormat format;
      try {
        format = new TimeFormat(pattern.toString());
      } catch (PlatformException e) {
        assertThat(e).hasMessageStartingWith("Cannot read format \"" + pattern + "\": ");
        continue;
      }
      OffsetDateTime at =
          OffsetDateTime.ofInstant(
              Instant.ofEpochSecond(
                  random.nextLong(4_000_000_000L), random.nextInt(1_000) * 1_000L),
              ZoneOffset.ofTotalSeconds(
                  random.nextInt(-12, 13) * 3_600 + random.nextInt(2) * 1_800));
      String text = format.formatter().format(at);
      var parsed = format.formatter().parse(text);
      assertThat(LocalDate.from(parsed)).as("%s: %s", pattern, text).isEqualTo(at.toLocalDate());
      if (!format.isDay()) {
        assertThat(LocalTime.from(parsed).getHour())
            .as("%s: %s", pattern, text)
            .isEqualTo(at.getHour());
        assertThat(text).isEqualTo(format.formatter().format(at.with(LocalTime.from(parsed))));
      }
      if (pattern.indexOf("X") >= 0) {
        assertThat(ZoneOffset.from(parsed)).as("%s: %s", pattern, text).isEqualTo(at.getOffset());
      }
      read++;
    }
    assertThat(read).isGreaterThan(10_000);
  }

  @Test
  void showsAnExampleWhateverTheMachineSpeaks() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG"));
    try {
      assertThat(new TimeFormat("d MMM yyyy h:mm a").example()).isEqualTo("31 Jan 2013 6:05 PM");
    } finally {
      Locale.setDefault(before);
    }
  }
}
