package io.tributary.bench;

import io.tributary.drift.Column;
import io.tributary.drift.InputName;
import io.tributary.drift.ValueBins;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A made-up year of energy meters, a row for each meter that reports: a yearly season of weather
 * that comes in spells, weeks, prices of the day, consumption with heavy tails that follows the
 * cold, meters that are silent together, categories of which some are rare. Nothing in it breaks.
 * The same for the same seed.
 */
final class MeterHistory {
  private static final LocalDate FIRST = LocalDate.of(2021, 1, 1);
  private static final int DAYS = 364;
  private static final int WARM_UP = 7;

  private static final List<InputName> INPUTS =
      List.of(
          new InputName("temperature", "weather"),
          new InputName("felt", "weather"),
          new InputName("humidity", "weather"),
          new InputName("wind", "weather"),
          new InputName("sun", "weather"),
          new InputName("used_1d", "consumption"),
          new InputName("used_7d", "consumption"),
          new InputName("peak_1d", "consumption"),
          new InputName("used_ratio", "consumption"),
          new InputName("price", "market"),
          new InputName("price_7d", "market"),
          new InputName("outages_30d", "meter"),
          new InputName("voltage", "meter"),
          new InputName("quality", "meter"),
          new InputName("read_age", "meter"),
          new InputName("tickets_90d", "customer"),
          new InputName("persons", "customer"),
          new InputName("area", "customer"),
          new InputName("built", "customer"),
          new InputName("hour", "rows"),
          new InputName("region", "rows"),
          new InputName("tariff", "customer"),
          new InputName("dwelling", "customer"),
          new InputName("fuel", "customer"));
  private static final int NUMBERS = 20;
  private static final List<List<String>> TEXTS =
      List.of(
          List.of("North", "East", "South", "West", "Coast", "Hills", "Isles", "Centre", "Border"),
          List.of("Basic", "Night", "Green", "Spot"),
          List.of("Flat", "House", "Farm"),
          List.of("Gas", "Electric", "Pump", "Oil", "Wood"));
  private static final double[][] SHARES = {
    {.3, .2, .15, .1, .1, .06, .05, .03, .01},
    {.5, .25, .2, .05},
    {.5, .42, .08},
    {.45, .2, .2, .1, .05}
  };

  private final Random random;
  private final double[][] values;
  private final int[][] codes;
  private final boolean[] labels;

  private MeterHistory(int rows, long seed) {
    random = new Random(seed);
    values = new double[NUMBERS][rows];
    codes = new int[TEXTS.size()][rows];
    labels = new boolean[rows];
  }

  /**
   * Makes the year.
   *
   * @param rowsADay of a usual working day
   */
  static History of(int rowsADay, long seed) {
    Random sizes = new Random(seed);
    int[] starts = new int[DAYS + 1];
    for (int day = 0; day < DAYS; day++) {
      boolean free = FIRST.plusDays(day).getDayOfWeek().getValue() > 5;
      double rows =
          rowsADay
              * (free ? 0.6 : 1)
              * (1 + 0.1 * season(day))
              * Math.exp(0.05 * sizes.nextGaussian());
      starts[day + 1] = starts[day] + (int) rows;
    }
    MeterHistory made = new MeterHistory(starts[DAYS], seed + 1);
    made.fill(starts);
    List<Column> columns = new ArrayList<>();
    Arrays.stream(made.values).forEach(numbers -> columns.add(new Column.Numbers(numbers)));
    for (int k = 0; k < TEXTS.size(); k++) {
      columns.add(new Column.Categories(made.codes[k], TEXTS.get(k)));
    }
    double[] scores = score(columns, starts[DAYS]);
    made.label(starts, scores);
    return new History(
        "meters",
        INPUTS,
        columns,
        FIRST,
        starts,
        WARM_UP,
        MeterHistory::score,
        scores,
        made.labels,
        new History.Parts(273, 304, 361, DAYS));
  }

  /** 1 in the coldest days, −1 in the warmest. */
  private static double season(int day) {
    return Math.cos(2 * Math.PI * (day - 20) / 365.25);
  }

  private void fill(int[] starts) {
    double spell = 0;
    double gale = 0;
    double market = 0;
    double week = 0;
    double weekPrice = 0;
    for (int day = 0; day < DAYS; day++) {
      spell = 0.75 * spell + 0.66 * random.nextGaussian();
      gale = 0.5 * gale + 0.6 * heavy();
      market = 0.9 * market + 0.3 * random.nextGaussian() + 0.1 * season(day);
      double temperature = 10 - 9 * season(day) + 3 * spell;
      double price = Math.exp(0.4 * market) * (weekend(day) ? 0.8 : 1);
      week = day == 0 ? temperature : week + (temperature - week) / 7;
      weekPrice = day == 0 ? price : weekPrice + (price - weekPrice) / 7;
      double silent = 0.04 * Math.exp(0.4 * random.nextGaussian());
      double cloud = 1 / (1 + Math.exp(spell + random.nextGaussian()));
      for (int row = starts[day]; row < starts[day + 1]; row++) {
        for (int k = 0; k < codes.length; k++) {
          codes[k][row] = drawn(SHARES[k]);
        }
        weather(row, temperature, Math.exp(0.4 * gale), cloud, season(day));
        consumption(row, temperature, week, weekend(day));
        values[9][row] =
            price * (codes[1][row] == 3 ? 1.2 : 1) * Math.exp(0.1 * random.nextGaussian());
        values[10][row] = weekPrice * Math.exp(0.05 * random.nextGaussian());
        values[11][row] = counted(0.1 * Math.exp(0.3 * gale));
        values[12][row] =
            Math.max(
                207,
                Math.min(
                    253, 230 + 4 * random.nextGaussian() - 0.3 * Math.max(0, 10 - temperature)));
        values[13][row] = Math.min(1, 1.05 - 0.1 * Math.abs(random.nextGaussian()));
        values[14][row] = -6 * Math.log(1 - random.nextDouble());
        values[15][row] = counted(0.3);
        if (random.nextDouble() < silent) {
          for (int k : new int[] {5, 7, 8, 13, 14}) {
            values[k][row] = Double.NaN;
          }
        }
        codes[3][row] = random.nextDouble() < 0.02 ? ValueBins.MISSING : codes[3][row];
      }
    }
  }

  private void weather(int row, double temperature, double gale, double cloud, double season) {
    double hour = Math.floor(24 * Math.pow(random.nextDouble(), 0.8));
    double light = Math.max(0, Math.sin(Math.PI * (hour - 6 - season) / (12 - 2 * season)));
    double here =
        temperature + 0.5 * (codes[0][row] - 3) + 4 * light - 2 + 1.5 * random.nextGaussian();
    values[0][row] = Math.rint(10 * here) / 10;
    values[3][row] = 10 * gale * Math.exp(0.5 * random.nextGaussian());
    values[1][row] = here - 0.15 * values[3][row] + 0.5 * random.nextGaussian();
    values[2][row] =
        random.nextDouble() < 0.03
            ? Double.NaN
            : Math.rint(
                Math.max(15, Math.min(100, 75 - 1.2 * (here - 10) + 10 * random.nextGaussian())));
    values[4][row] = 800 * light * (1 - 0.8 * cloud) * (0.7 + 0.3 * random.nextDouble());
    values[19][row] = hour;
  }

  private void consumption(int row, double temperature, double week, boolean weekend) {
    double persons = 1 + counted(1.4);
    double area = Math.exp(4.3 + 0.4 * random.nextGaussian() + 0.3 * codes[2][row]);
    double base = 0.05 * area + 1.5 * persons;
    double heating = codes[3][row] == 1 || codes[3][row] == 2 ? 0.12 : 0.03;
    double own = Math.exp(0.5 * random.nextGaussian());
    double day =
        base
            * own
            * (1 + heating * Math.max(0, 18 - temperature))
            * (weekend ? 1.15 : 1)
            * Math.exp(0.3 * heavy() / 1.4);
    double mean =
        base * own * (1 + heating * Math.max(0, 18 - week)) * Math.exp(0.1 * random.nextGaussian());
    values[5][row] = day;
    values[6][row] = mean;
    values[7][row] = day / 24 * (1.5 + Math.pow(1 - random.nextDouble(), -0.4));
    values[8][row] = day / mean;
    values[16][row] = persons;
    values[17][row] = Math.rint(area);
    values[18][row] = 1950 + Math.rint(70 * Math.pow(random.nextDouble(), 0.7) / 5) * 5;
  }

  /**
   * Whether a meter will use more than was bought for it; what a day is like hides from the model.
   */
  private void label(int[] starts, double[] scores) {
    for (int day = 0; day < DAYS; day++) {
      double hidden = 0.15 * random.nextGaussian();
      for (int row = starts[day]; row < starts[day + 1]; row++) {
        double odds = Math.log(scores[row] / (1 - scores[row])) + hidden;
        labels[row] = random.nextDouble() < 1 / (1 + Math.exp(-odds));
      }
    }
  }

  private static double[] score(List<Column> columns, int rows) {
    double[][] numbers =
        columns.subList(0, NUMBERS).stream()
            .map(column -> ((Column.Numbers) column).values())
            .toArray(double[][]::new);
    int[][] categories =
        columns.subList(NUMBERS, columns.size()).stream()
            .map(column -> ((Column.Categories) column).codes())
            .toArray(int[][]::new);
    return IntStream.range(0, rows)
        .mapToDouble(
            row -> {
              double odds =
                  -1.2
                      + 1.1 * Math.log(positive(numbers[8][row], 1))
                      + 0.04 * (12 - orElse(numbers[0][row], 10))
                      + 0.5 * Math.log(positive(numbers[7][row], 1.5))
                      + 0.25 * Math.log(positive(numbers[6][row], 15) / 15)
                      - 0.5 * (orElse(numbers[9][row], 1) - 1)
                      + 0.15 * orElse(numbers[15][row], 0)
                      + 0.1 * (orElse(numbers[16][row], 2) - 2)
                      - 0.01 * (orElse(numbers[14][row], 6) - 6)
                      + (categories[1][row] == 2 ? -0.4 : 0)
                      + (categories[3][row] == 2 ? 0.5 : 0);
              return 1 / (1 + Math.exp(-odds));
            })
        .toArray();
  }

  private static double orElse(double value, double otherwise) {
    return Double.isNaN(value) ? otherwise : value;
  }

  /** For a logarithm, of values that a break made negative, too. */
  private static double positive(double value, double otherwise) {
    return Math.max(1e-3, orElse(value, otherwise));
  }

  private static boolean weekend(int day) {
    return FIRST.plusDays(day).getDayOfWeek().getValue() > 5;
  }

  /** Student's t with four degrees of freedom. */
  private double heavy() {
    double squares = 0;
    for (int k = 0; k < 4; k++) {
      double x = random.nextGaussian();
      squares += x * x / 4;
    }
    return random.nextGaussian() / Math.sqrt(squares);
  }

  /** Poisson. */
  private double counted(double mean) {
    double left = Math.exp(-mean);
    int count = 0;
    for (double product = random.nextDouble(); product > left; count++) {
      product *= random.nextDouble();
    }
    return count;
  }

  private int drawn(double[] shares) {
    double left = random.nextDouble();
    int k = 0;
    while (k < shares.length - 1 && left >= shares[k]) {
      left -= shares[k++];
    }
    return k;
  }
}
