package io.tributary.definition.internal;

import io.tributary.definition.AsOfRange;
import io.tributary.definition.Model.Part;
import io.tributary.definition.Model.Split;
import io.tributary.definition.SplitBucket;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What stands under {@code split} of a model. */
final class SplitParser {
  private static final Pattern SHARE =
      Pattern.compile("(\\d{1,3}(?:\\.\\d{1,2})?)\\s*%(?:\\s+of\\s+(\\S.*))?");

  private static final YamlType<Part> PART =
      YamlTypes.parsed(
          "a part",
          "2013-01-01/2013-02-01, -60d/-30d, 70%, or 70% of -60d/0d",
          (value, text) -> {
            Matcher m = SHARE.matcher(text.strip());
            if (!m.matches()) {
              return new Part(
                  Optional.of(AsOfRange.parse(text, value.origin().zone())), Optional.empty());
            }
            int share = new BigDecimal(m.group(1)).movePointRight(2).intValueExact();
            return new Part(
                Optional.ofNullable(m.group(2))
                    .map(range -> AsOfRange.parse(range, value.origin().zone())),
                Optional.of(share));
          });

  static final YamlKey<List<String>> BY =
      YamlKey.optional(
          "by",
          Structures.distinct(YamlTypes.COLUMN_TYPE),
          "by as-of alone",
          "Columns of the rows: all rows that are equal in them fall in one part, by a hash that"
              + " never changes.");
  private static final YamlKey<String> SALT =
      YamlKey.withDefault(
          "salt",
          YamlTypes.TEXT,
          "\"\"",
          "Another text deals the keys of `by`, or the rows of `train` and `validate`, otherwise.");
  private static final YamlKey<Part> TRAIN =
      YamlKey.required(
          "train",
          PART,
          "The rows that it learns from: an interval of their as-of, a share of the keys of `by`,"
              + " or both; an interval alone has all keys. `-60d` and `0d` are days of the"
              + " project's calendar, counted back from the end of the newest labelled row's day.");
  private static final YamlKey<Part> VALIDATE =
      YamlKey.optional(
          "validate",
          PART,
          "15% of `train`, by the hash of `by`, without it of all of a row that asks",
          "The rows that say when to stop.");
  private static final YamlKey<Part> TEST =
      YamlKey.required("test", PART, "The rows that say how good it is.");
  private static final Map<String, YamlKey<Part>> PARTS =
      Map.of("train", TRAIN, "validate", VALIDATE, "test", TEST);

  static final YamlType<Split> SPLIT =
      Structures.object("a split", List.of(BY, SALT, TRAIN, VALIDATE, TEST), SplitParser::bind);

  private SplitParser() {}

  private static Optional<Split> bind(YamlFields f) {
    Optional<List<String>> by = f.find(BY);
    String salt = f.or(SALT, "");
    Optional<Part> train = f.find(TRAIN);
    Optional<Part> validate = f.find(VALIDATE);
    Optional<Part> test = f.find(TEST);
    if (train.isEmpty()
        || test.isEmpty()
        || (f.has(VALIDATE) && validate.isEmpty())
        || (f.has(BY) && by.isEmpty())) {
      return Optional.empty();
    }
    Split split = new Split(by.orElse(List.of()), salt, train.get(), validate, test.get());
    if (f.has(BY) && split.by().isEmpty()) {
      f.problem(BY, "\"by\" names no column. Write the columns that make a key, or leave it out.");
    }
    if (f.has(BY)) {
      shares(f, split);
    } else {
      noShares(f, split);
    }
    ranges(f, split);
    return f.complete() ? Optional.of(split) : Optional.empty();
  }

  private static void shares(YamlFields f, Split split) {
    int sum = 0;
    boolean allShared = true;
    for (Map.Entry<String, Part> part : split.parts().entrySet()) {
      Optional<Integer> share = part.getValue().share();
      allShared &= share.isPresent();
      sum += share.orElse(0);
      if (share.isPresent() && share.get() == 0) {
        f.problem(
            PARTS.get(part.getKey()),
            "\"split." + part.getKey() + "\" is 0%, so no row is in it. Write more.");
        return;
      }
    }
    if (sum == 0 && split.validate().isPresent()) {
      f.problem(
          BY,
          "\"by\" deals keys, and no part says which share of them it takes. Write a share, as in"
              + " train: 70% of "
              + split.train()
              + ", or leave \"by\" out.");
    } else if (sum > SplitBucket.BUCKETS || (allShared && sum < SplitBucket.BUCKETS)) {
      f.problem(
          TEST,
          "the shares of \"split\" add up to "
              + Part.of(sum)
              + ", not to 100%. Correct them."
              + (sum > SplitBucket.BUCKETS
                  ? " A part that is an interval alone has all keys."
                  : ""));
    }
  }

  private static void noShares(YamlFields f, Split split) {
    if (f.has(SALT) && split.validate().isPresent()) {
      f.problem(SALT, "\"salt\" deals the keys of \"by\", and there is none. Leave it out.");
    }
    for (Map.Entry<String, Part> part : split.parts().entrySet()) {
      if (part.getValue().share().isPresent()) {
        f.problem(
            PARTS.get(part.getKey()),
            "\"split."
                + part.getKey()
                + "\" is a share, and nothing says of what. Write \"by\", the columns that make a"
                + " key.");
        return;
      }
    }
  }

  /** Parts that have keys in common must not have a row in common. */
  private static void ranges(YamlFields f, Split split) {
    List<String> names = List.copyOf(split.parts().keySet());
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      Part part = split.parts().get(name);
      if (part.asOf().filter(AsOfRange::isEmpty).isPresent()) {
        f.problem(
            PARTS.get(name),
            "\"split."
                + name
                + "\", "
                + part.asOf().get()
                + ", does not end after it begins. Swap or widen its bounds.");
        return;
      }
      for (int j = 0; j < i; j++) {
        Part other = split.parts().get(names.get(j));
        boolean sameKeys = part.share().isEmpty() || other.share().isEmpty();
        if (sameKeys && overlap(part.asOf(), other.asOf())) {
          f.problem(
              PARTS.get(name),
              "\"split."
                  + name
                  + "\" and \"split."
                  + names.get(j)
                  + "\" overlap: rows would serve for both. Move one"
                  + (split.by().isEmpty() ? "." : ", or give each a share of the keys."));
        }
      }
    }
  }

  private static boolean overlap(Optional<AsOfRange> a, Optional<AsOfRange> b) {
    return a.isEmpty() || b.isEmpty() || a.get().overlaps(b.get());
  }

  static Map<String, Object> render(Split split) {
    Map<String, Object> tree = new LinkedHashMap<>();
    if (!split.by().isEmpty()) {
      tree.put("by", split.by());
    }
    if (!split.by().isEmpty() || !split.salt().isEmpty()) {
      tree.put("salt", split.salt());
    }
    split.parts().forEach((name, part) -> tree.put(name, part.toString()));
    return tree;
  }
}
