package io.tributary.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.core.SeenValue;
import io.tributary.core.exact.ExactMoments;
import io.tributary.definition.Model.Encoding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The fitted preprocessing of a model: how raw inputs become a vector of 32-bit floats, in training
 * and in scoring alike.
 *
 * <p>A vector has first the columns of standardized, raw and one-hot inputs, in the order of the
 * signature, then for each embedding one column that holds the row of its table (0 for missing and
 * unseen values). Immutable and safe for threads.
 */
public final class Vectorizer {
  /** The version of what {@link #json()} means: other numbers from the same text need another. */
  static final int MEANING = 1;

  /** One-hot inputs with more values than this are refused. */
  static final int MOST_ONE_HOT_VALUES = 1_000;

  // Keeps sums of standardized values far from the range of 32-bit floats.
  private static final double STANDARDIZED_LIMIT = 1e6;

  private final ModelSignature signature;
  private final List<FittedInput> inputs;
  private final int[] offsets;
  private final int denseWidth;
  private final List<EmbeddingTable> embeddings = new ArrayList<>();
  private final List<String> columns = new ArrayList<>();
  private final List<TextCodes> textCodes = new ArrayList<>();

  /**
   * What was learnt of one input.
   *
   * @param missing how many of the training rows had no value
   * @param mean over the training rows that have a value; 0 for a category
   * @param deviation the square root of their population variance; 0 for a category and where it is
   *     constant
   * @param categories the values seen, in the order of their text
   * @param counts how often each was seen
   */
  record FittedInput(
      Input input,
      long missing,
      double mean,
      double deviation,
      List<String> categories,
      List<Long> counts) {
    FittedInput {
      categories = List.copyOf(categories);
      counts = List.copyOf(counts);
    }

    private int width() {
      if (input.encoding() instanceof Encoding.Embedding) {
        return 1;
      }
      return input.categorical() ? categories.size() + 1 : missing > 0 ? 2 : 1;
    }
  }

  /**
   * The table of an embedding.
   *
   * @param rows one for missing and unseen values, then one for each value
   * @param width of the learnt vectors
   * @param shares the training rows' shares of each of its rows
   */
  public record EmbeddingTable(String column, int rows, int width, List<Double> shares) {}

  private record Stored(
      @JsonProperty("signature") ModelSignature signature,
      @JsonProperty("inputs") List<FittedInput> inputs) {}

  private Vectorizer(ModelSignature signature, List<FittedInput> inputs) {
    this.signature = signature;
    this.inputs = List.copyOf(inputs);
    offsets = new int[inputs.size()];
    int at = 0;
    for (int i = 0; i < offsets.length; i++) {
      FittedInput fitted = inputs.get(i);
      textCodes.add(new TextCodes(fitted.categories()));
      if (!(fitted.input().encoding() instanceof Encoding.Embedding)) {
        offsets[i] = at;
        at += fitted.width();
        name(fitted);
      }
    }
    denseWidth = at;
    for (int i = 0; i < offsets.length; i++) {
      FittedInput fitted = inputs.get(i);
      if (fitted.input().encoding() instanceof Encoding.Embedding embedding) {
        offsets[i] = at++;
        columns.add(fitted.input().column());
        embeddings.add(
            new EmbeddingTable(
                fitted.input().column(),
                fitted.categories().size() + 1,
                embedding.width(),
                shares(fitted)));
      }
    }
  }

  /** Begins a fit to training rows. */
  public static Fitting fitting(ModelSignature signature) {
    return new Fitting(signature);
  }

  /** Reads what {@link #json()} gives. */
  public static Vectorizer read(String json) {
    Stored stored = Json.read(json, Stored.class);
    return new Vectorizer(stored.signature(), stored.inputs());
  }

  /** All of it as JSON; reading it back gives a vectorizer that makes the same bits. */
  public String json() {
    return Json.write(new Stored(signature, inputs));
  }

  public ModelSignature signature() {
    return signature;
  }

  /** How many floats a vector has. */
  public int width() {
    return denseWidth + embeddings.size();
  }

  /** How many of them are numbers; the others are rows of embedding tables. */
  public int denseWidth() {
    return denseWidth;
  }

  public List<EmbeddingTable> embeddings() {
    return List.copyOf(embeddings);
  }

  /** The vector's columns: {@code x}, {@code x is missing}, {@code x=value}, {@code x=*}. */
  public List<String> columns() {
    return List.copyOf(columns);
  }

  /** Rows with room for so many, of the inputs that this takes. */
  public InputRows rows(int capacity) {
    return new InputRows(signature.inputs(), capacity);
  }

  /**
   * Writes the vectors of rows {@code from} to {@code to} into {@code out}, one after the other,
   * from {@code at} on.
   */
  public void encode(InputRows rows, int from, int to, float[] out, int at) {
    int[] order = new int[to - from];
    for (int k = 0; k < order.length; k++) {
      order[k] = from + k;
    }
    encode(rows, order, 0, order.length, out, at);
  }

  /**
   * Writes the vectors of rows {@code order[from]} to {@code order[to - 1]} into {@code out}, one
   * after the other.
   */
  public void encode(InputRows rows, int[] order, int from, int to, float[] out, int at) {
    int width = width();
    Arrays.fill(out, at, at + (to - from) * width, 0f);
    for (int i = 0; i < offsets.length; i++) {
      FittedInput fitted = inputs.get(i);
      int start = at + offsets[i];
      if (fitted.input().categorical()) {
        encodeCategories(rows, i, order, from, to, out, start);
      } else {
        encodeNumbers(rows, i, order, from, to, out, start);
      }
    }
  }

  /** What becomes of a value on its way into the vector. */
  public enum Taken {
    /** It counts as it is. */
    WHOLE,
    /** There is none, or it is no finite number. */
    MISSING,
    /** A category that no training row had: it counts as a missing one. */
    UNSEEN,
    /** A number so far from those of training that a nearer one counts in its place. */
    CLAMPED
  }

  /** The places of a categorical input's texts among those of training. */
  TextCodes codes(int input) {
    return textCodes.get(input);
  }

  /**
   * What becomes of each input of rows when they are encoded.
   *
   * @param rows whose categories are those of training by their place
   * @param taken gets the number of its {@link Taken} at {@code row * inputs + input}
   * @param flagged gets whether a row has an input that does not count as it is
   */
  void taken(InputRows rows, byte[] taken, boolean[] flagged) {
    int n = rows.rows();
    int width = inputs.size();
    Arrays.fill(taken, 0, n * width, (byte) Taken.WHOLE.ordinal());
    Arrays.fill(flagged, 0, n, false);
    for (int i = 0; i < width; i++) {
      FittedInput fitted = inputs.get(i);
      if (fitted.input().categorical()) {
        int[] codes = rows.codes(i);
        for (int row = 0; row < n; row++) {
          if (codes[row] < 0) {
            flagged[row] = true;
            Taken how = codes[row] == InputRows.MISSING ? Taken.MISSING : Taken.UNSEEN;
            taken[row * width + i] = (byte) how.ordinal();
          }
        }
      } else {
        double[] numbers = rows.numbers(i);
        double center = center(fitted);
        double scale = scale(fitted);
        double limit = limit(fitted);
        for (int row = 0; row < n; row++) {
          if (!(Math.abs((numbers[row] - center) * scale) <= limit)) {
            flagged[row] = true;
            Taken how = Double.isNaN(numbers[row]) ? Taken.MISSING : Taken.CLAMPED;
            taken[row * width + i] = (byte) how.ordinal();
          }
        }
      }
    }
  }

  private static boolean standardizes(FittedInput fitted) {
    return fitted.input().encoding() instanceof Encoding.Standardize;
  }

  private static double center(FittedInput fitted) {
    return standardizes(fitted) ? fitted.mean() : 0;
  }

  private static double scale(FittedInput fitted) {
    return !standardizes(fitted) ? 1 : fitted.deviation() == 0 ? 0 : 1 / fitted.deviation();
  }

  private static double limit(FittedInput fitted) {
    return standardizes(fitted) ? STANDARDIZED_LIMIT : Float.MAX_VALUE;
  }

  /**
   * Copies an input's part of a vector to another vector.
   *
   * @param at where the vector begins
   */
  void copy(int input, float[] from, int at, float[] to, int start) {
    System.arraycopy(
        from, at + offsets[input], to, start + offsets[input], inputs.get(input).width());
  }

  private void encodeNumbers(
      InputRows rows, int i, int[] order, int from, int to, float[] out, int start) {
    FittedInput fitted = inputs.get(i);
    double[] numbers = rows.numbers(i);
    double mean = center(fitted);
    double scale = scale(fitted);
    double limit = limit(fitted);
    boolean indicator = fitted.missing() > 0;
    int width = width();
    for (int k = from, p = start; k < to; k++, p += width) {
      double x = numbers[order[k]];
      if (Double.isNaN(x)) {
        if (indicator) {
          out[p + 1] = 1f;
        }
      } else {
        out[p] = (float) Math.max(-limit, Math.min(limit, (x - mean) * scale));
      }
    }
  }

  private void encodeCategories(
      InputRows rows, int i, int[] order, int from, int to, float[] out, int start) {
    FittedInput fitted = inputs.get(i);
    List<String> texts = rows.texts(i);
    int[] slots = new int[texts.size()];
    for (int code = 0; code < slots.length; code++) {
      slots[code] = textCodes.get(i).of(texts.get(code));
    }
    int[] codes = rows.codes(i);
    int width = width();
    boolean embedding = fitted.input().encoding() instanceof Encoding.Embedding;
    boolean othersLearnt = fitted.missing() > 0 || fitted.categories().isEmpty();
    List<Double> shares = othersLearnt || embedding ? List.of() : shares(fitted);
    int values = fitted.categories().size();
    for (int k = from, p = start; k < to; k++, p += width) {
      int code = codes[order[k]];
      int slot = code < 0 ? TextCodes.NONE : rows.coded() ? code : slots[code];
      if (embedding) {
        out[p] = slot + 1;
      } else if (slot >= 0) {
        out[p + slot] = 1f;
      } else if (othersLearnt) {
        out[p + values] = 1f;
      } else {
        for (int c = 0; c < values; c++) {
          out[p + c] = (float) (double) shares.get(c + 1);
        }
      }
    }
  }

  private void name(FittedInput fitted) {
    String column = fitted.input().column();
    if (fitted.input().categorical()) {
      fitted.categories().forEach(c -> columns.add(column + "=" + c));
      columns.add(column + "=*");
    } else {
      columns.add(column);
      if (fitted.missing() > 0) {
        columns.add(column + " is missing");
      }
    }
  }

  private static List<Double> shares(FittedInput fitted) {
    double rows = fitted.missing();
    for (long count : fitted.counts()) {
      rows += count;
    }
    List<Double> shares = new ArrayList<>();
    shares.add(rows == 0 ? 0 : fitted.missing() / rows);
    for (long count : fitted.counts()) {
      shares.add(count / rows);
    }
    return List.copyOf(shares);
  }

  /**
   * One pass over the training rows. What it finds is exact, so that it does not depend on their
   * order or on how they are cut into blocks; two fits over parts of the rows may be put together.
   * Not safe for threads.
   */
  public static final class Fitting {
    private final ModelSignature signature;
    private final ExactMoments[] moments;
    private final long[] counts;
    private final List<Map<String, Long>> categories = new ArrayList<>();
    private long rows;

    private Fitting(ModelSignature signature) {
      this.signature = signature;
      int n = signature.inputs().size();
      moments = new ExactMoments[n];
      counts = new long[n];
      for (int i = 0; i < n; i++) {
        moments[i] = new ExactMoments();
        categories.add(new TreeMap<>());
      }
    }

    /** Takes rows {@code order[from]} to {@code order[to - 1]}. */
    public Fitting add(InputRows block, int[] order, int from, int to) {
      rows += to - from;
      for (int i = 0; i < counts.length; i++) {
        if (signature.inputs().get(i).categorical()) {
          addCategories(block, i, order, from, to);
        } else {
          addNumbers(block, i, order, from, to);
        }
      }
      return this;
    }

    /** Takes all rows. */
    public Fitting add(InputRows block) {
      int[] order = new int[block.rows()];
      Arrays.setAll(order, k -> k);
      return add(block, order, 0, order.length);
    }

    /** Takes what another fit for the same signature has taken. */
    public Fitting add(Fitting other) {
      rows += other.rows;
      for (int i = 0; i < counts.length; i++) {
        moments[i].merge(other.moments[i]);
        counts[i] += other.counts[i];
        Map<String, Long> mine = categories.get(i);
        other.categories.get(i).forEach((text, count) -> mine.merge(text, count, Long::sum));
      }
      return this;
    }

    /**
     * What was found.
     *
     * @throws PlatformException {@code INVALID_DEFINITION} if a one-hot input has too many values,
     *     {@code INVALID_VALUE} without rows
     */
    public Vectorizer fitted() {
      if (rows == 0) {
        throw new PlatformException(
            ErrorCode.INVALID_VALUE,
            "Cannot fit the inputs of model %s: there is no training row. Widen the train interval of its split."
                .formatted(signature.model()));
      }
      List<FittedInput> fitted = new ArrayList<>();
      for (int i = 0; i < counts.length; i++) {
        Input input = signature.inputs().get(i);
        fitted.add(input.categorical() ? fittedCategories(input, i) : fittedNumbers(input, i));
      }
      return new Vectorizer(signature, fitted);
    }

    private void addNumbers(InputRows block, int i, int[] order, int from, int to) {
      double[] numbers = block.numbers(i);
      ExactMoments into = moments[i];
      for (int k = from; k < to; k++) {
        double x = numbers[order[k]];
        if (!Double.isNaN(x)) {
          if (Math.abs(x) > 1e150) {
            throw new PlatformException(
                ErrorCode.INVALID_VALUE,
                "Cannot fit input %s: it holds %s. Bound it in the feature's definition."
                    .formatted(signature.inputs().get(i).column(), SeenValue.of(x)));
          }
          into.add(x);
          counts[i]++;
        }
      }
    }

    private void addCategories(InputRows block, int i, int[] order, int from, int to) {
      int[] codes = block.codes(i);
      long[] seen = new long[block.texts(i).size()];
      for (int k = from; k < to; k++) {
        int code = codes[order[k]];
        if (code != InputRows.MISSING) {
          seen[code]++;
          counts[i]++;
        }
      }
      for (int code = 0; code < seen.length; code++) {
        if (seen[code] > 0) {
          categories.get(i).merge(block.texts(i).get(code), seen[code], Long::sum);
        }
      }
    }

    private FittedInput fittedNumbers(Input input, int i) {
      long n = counts[i];
      if (n == 0) {
        return new FittedInput(input, rows, 0, 0, List.of(), List.of());
      }
      double mean = moments[i].mean();
      double variance = moments[i].variance(false);
      return new FittedInput(input, rows - n, mean, Math.sqrt(variance), List.of(), List.of());
    }

    private FittedInput fittedCategories(Input input, int i) {
      Map<String, Long> seen = categories.get(i);
      if (input.encoding() instanceof Encoding.OneHot && seen.size() > MOST_ONE_HOT_VALUES) {
        throw new PlatformException(
            ErrorCode.INVALID_DEFINITION,
            "Cannot encode input %s by one-hot: it has %s values, more than %s. Encode it by embedding(n)."
                .formatted(input.column(), seen.size(), MOST_ONE_HOT_VALUES));
      }
      return new FittedInput(
          input, rows - counts[i], 0, 0, List.copyOf(seen.keySet()), List.copyOf(seen.values()));
    }
  }
}
