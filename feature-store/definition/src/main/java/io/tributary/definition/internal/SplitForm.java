package io.tributary.definition.internal;

import io.tributary.core.Interval;
import io.tributary.definition.KeyHash;
import io.tributary.definition.Model.Part;
import io.tributary.definition.Model.Split;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What stands under {@code split} of a model. */
final class SplitForm {
  private static final Pattern SHARE =
      Pattern.compile("(\\d{1,3}(?:\\.\\d{1,2})?)\\s*%(?:\\s+of\\s+(\\S.*))?");

  private static final Type<Part> PART =
      Types.parsed(
          "a part",
          "2013-01-01/2013-02-01, 70%, or 70% of 2013-01-01/2013-02-01",
          (value, text) -> {
            Matcher m = SHARE.matcher(text.strip());
            if (!m.matches()) {
              return new Part(
                  Optional.of(Interval.parse(text, value.origin().zone())), Optional.empty());
            }
            int share = new BigDecimal(m.group(1)).movePointRight(2).intValueExact();
            return new Part(
                Optional.ofNullable(m.group(2))
                    .map(interval -> Interval.parse(interval, value.origin().zone())),
                Optional.of(share));
          });

  static final Key<List<String>> BY =
      Key.optional(
          "by",
          Structures.distinct(Types.COLUMN_TYPE),
          "by as-of alone",
          "Columns of the rows: all rows that are equal in them fall in one part, by a hash that"
              + " never changes.");
  private static final Key<String> SALT =
      Key.withDefault(
          "salt", Types.TEXT, "\"\"", "With `by`: another text deals the keys otherwise.");
  private static final Key<Part> TRAIN =
      Key.required(
          "train",
          PART,
          "The rows that it learns from: an interval of their as-of, a share of the keys of `by`,"
              + " or both.");
  private static final Key<Part> VALIDATE =
      Key.required("validate", PART, "The rows that say when to stop.");
  private static final Key<Part> TEST =
      Key.required("test", PART, "The rows that say how good it is.");
  private static final List<Key<Part>> PARTS = List.of(TRAIN, VALIDATE, TEST);

  static final Type<Split> SPLIT =
      Structures.object("a split", List.of(BY, SALT, TRAIN, VALIDATE, TEST), SplitForm::bind);

  private SplitForm() {}

  private static Optional<Split> bind(Fields f) {
    Optional<List<String>> by = f.find(BY);
    String salt = f.or(SALT, "");
    List<Optional<Part>> parts = PARTS.stream().map(f::find).toList();
    if (parts.stream().anyMatch(Optional::isEmpty) || (f.has(BY) && by.isEmpty())) {
      return Optional.empty();
    }
    if (f.has(BY)) {
      if (by.get().isEmpty()) {
        f.problem(
            BY, "\"by\" names no column. Write the columns that make a key, or leave it out.");
      }
      shares(f, parts.stream().map(Optional::get).toList());
    } else {
      if (f.has(SALT)) {
        f.problem(SALT, "\"salt\" deals the keys of \"by\", and there is none. Leave it out.");
      }
      intervals(f, parts.stream().map(Optional::get).toList());
    }
    return f.complete()
        ? Optional.of(
            new Split(
                by.orElse(List.of()),
                salt,
                parts.get(0).get(),
                parts.get(1).get(),
                parts.get(2).get()))
        : Optional.empty();
  }

  private static void shares(Fields f, List<Part> parts) {
    int sum = 0;
    for (int i = 0; i < parts.size(); i++) {
      if (parts.get(i).share().isEmpty()) {
        f.problem(
            PARTS.get(i),
            "\"split."
                + PARTS.get(i).name()
                + "\" says not which share of the keys it takes, and \"by\" divides them. Write"
                + " 70%, or 70% of "
                + parts.get(i)
                + ".");
        return;
      }
      if (parts.get(i).share().get() == 0) {
        f.problem(
            PARTS.get(i),
            "\"split." + PARTS.get(i).name() + "\" is 0%, so no row is in it. Write more.");
        return;
      }
      sum += parts.get(i).share().get();
    }
    if (sum != KeyHash.BUCKETS) {
      f.problem(
          TEST,
          "the shares of \"split\" add up to "
              + new Part(Optional.empty(), Optional.of(sum))
              + ", not to 100%. Correct them.");
    }
  }

  private static void intervals(Fields f, List<Part> parts) {
    for (int i = 0; i < parts.size(); i++) {
      if (parts.get(i).share().isPresent()) {
        f.problem(
            PARTS.get(i),
            "\"split."
                + PARTS.get(i).name()
                + "\" is a share, and nothing says of what. Write \"by\", the columns that make a"
                + " key.");
        return;
      }
    }
    for (int i = 1; i < parts.size(); i++) {
      for (int j = 0; j < i; j++) {
        overlap(f, PARTS.get(i), parts.get(i), PARTS.get(j), parts.get(j));
      }
    }
  }

  private static void overlap(Fields f, Key<?> key, Part part, Key<?> other, Part otherPart) {
    if (part.asOf().orElseThrow().overlaps(otherPart.asOf().orElseThrow())) {
      f.problem(
          key,
          "\"split."
              + key.name()
              + "\" and \"split."
              + other.name()
              + "\" overlap: rows would serve for both. Move one.");
    }
  }

  static Map<String, Object> render(Split split) {
    Map<String, Object> tree = new LinkedHashMap<>();
    if (!split.by().isEmpty()) {
      tree.put("by", split.by());
      tree.put("salt", split.salt());
    }
    tree.put("train", split.train().toString());
    tree.put("validate", split.validate().toString());
    tree.put("test", split.test().toString());
    return tree;
  }
}
