package io.tributary.console.init;

import java.util.List;
import java.util.Optional;

/**
 * Checks whether a key identifies the rows of a file. Memory is bounded: a large file is read
 * several times, each time for a part of the keys. Rows without a cell of the key are left out, as
 * in loading.
 */
final class KeyCheck {
  /** The number of rows whose hashes are in memory at once, about 100 MB. */
  private static final long ROWS_A_READING = 2_000_000;

  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private final DelimitedFile file;
  private final List<GuessedColumn> columns;
  private final int[] key;
  private final int readings;

  private KeyCheck(DelimitedFile file, List<GuessedColumn> columns, List<GuessedColumn> key) {
    this.file = file;
    this.columns = columns;
    this.key = key.stream().mapToInt(columns::indexOf).toArray();
    long rows = columns.get(0).profile().rows();
    this.readings = (int) Math.max(1, (rows + ROWS_A_READING - 1) / ROWS_A_READING);
  }

  /**
   * Rows that repeat a key.
   *
   * @param contradictions rows of equal key and time as a row before them, with other values
   * @param corrections rows of equal key as a row before them, at another time
   * @param example two rows of the first contradiction, counted from 1 behind the header
   */
  record Repeats(long contradictions, long corrections, Optional<List<Long>> example) {}

  /** Whether no two rows have equal keys; the reading ends at the first that do. */
  static boolean isUnique(
      DelimitedFile file, List<GuessedColumn> columns, List<GuessedColumn> key) {
    KeyCheck check = new KeyCheck(file, columns, key);
    for (int reading = 0; reading < check.readings; reading++) {
      LongSet seen = new LongSet();
      boolean[] unique = {true};
      int part = reading;
      file.readWhile(
          cells -> {
            Optional<Long> hash = check.key(cells);
            if (hash.isPresent() && check.part(hash.get()) == part) {
              unique[0] = seen.add(hash.get());
            }
            return unique[0];
          });
      if (!unique[0]) {
        return false;
      }
    }
    return true;
  }

  /** Counts repeats of a key. */
  static Repeats repeats(
      DelimitedFile file,
      List<GuessedColumn> columns,
      List<GuessedColumn> key,
      Optional<GuessedColumn> time) {
    KeyCheck check = new KeyCheck(file, columns, key);
    int at = time.map(columns::indexOf).orElse(-1);
    long contradictions = 0;
    long corrections = 0;
    Optional<List<Long>> example = Optional.empty();
    for (int reading = 0; reading < check.readings; reading++) {
      Reading read = check.new Reading(reading, at);
      file.readWhile(read::row);
      contradictions += read.contradictions;
      corrections += read.corrections;
      if (example.isEmpty() && read.contradictions > 0) {
        example = Optional.of(List.of(check.first(read.version, at), read.firstRow));
      }
    }
    return new Repeats(contradictions, corrections, example);
  }

  /** One reading of a part of the keys. */
  private final class Reading {
    private final int part;
    private final int time;
    private final LongSet keys = new LongSet();
    private final LongSet versions = new LongSet();
    private final LongSet rows = new LongSet();
    private long number;
    private long contradictions;
    private long corrections;
    private long version;
    private long firstRow;

    Reading(int part, int time) {
      this.part = part;
      this.time = time;
    }

    boolean row(List<String> cells) {
      number++;
      Optional<Long> hash = key(cells);
      if (hash.isEmpty() || part(hash.get()) != part) {
        return true;
      }
      long of = version(hash.get(), cells, time);
      boolean newKey = keys.add(hash.get());
      boolean newVersion = versions.add(of);
      boolean newRow = rows.add(all(cells));
      if (!newVersion && newRow) {
        if (contradictions++ == 0) {
          version = of;
          firstRow = number;
        }
      } else if (newVersion && !newKey) {
        corrections++;
      }
      return true;
    }
  }

  /** The number of the first row of a version. */
  private long first(long version, int time) {
    long[] number = {0};
    file.readWhile(
        cells -> {
          number[0]++;
          return key(cells).filter(h -> version(h, cells, time) == version).isEmpty();
        });
    return number[0];
  }

  private int part(long hash) {
    // From the bits that don't select a set's slots.
    return (int) ((hash >>> 33) % readings);
  }

  /** A hash of a row's key; empty where the key has a missing value, or the row is malformed. */
  private Optional<Long> key(List<String> cells) {
    if (cells.size() != columns.size()) {
      return Optional.empty();
    }
    long hash = FNV_OFFSET;
    for (int i : key) {
      String cell = value(i, cells);
      if (cell.isEmpty()) {
        return Optional.empty();
      }
      hash = hash(hash, cell);
    }
    return Optional.of(mixed(hash));
  }

  private long version(long key, List<String> cells, int time) {
    return time < 0 ? key : mixed(hash(key, value(time, cells)));
  }

  private long all(List<String> cells) {
    long hash = FNV_OFFSET;
    for (int i = 0; i < cells.size(); i++) {
      hash = hash(hash, value(i, cells));
    }
    return mixed(hash);
  }

  /** The value of a cell; empty if it is missing. */
  private String value(int column, List<String> cells) {
    GuessedColumn c = columns.get(column);
    if (c.type().equals("string")) {
      return cells.get(column);
    }
    String cell = cells.get(column).strip();
    if (c.nullWords() && c.profile().nullWords().containsKey(cell)) {
      return "";
    }
    return cell.startsWith("+") ? cell.substring(1) : cell;
  }

  private static long hash(long from, String text) {
    long hash = from;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * FNV_PRIME;
    }
    return (hash ^ 0x1_0000) * FNV_PRIME;
  }

  private static long mixed(long hash) {
    long h = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
    h = (h ^ (h >>> 27)) * 0x94d049bb133111ebL;
    return h ^ (h >>> 31);
  }

  /** A growing set of hashes. */
  private static final class LongSet {
    private long[] slots = new long[1 << 10];
    private int size;
    private boolean hasZero;

    /** Adds a value; true if it is new. */
    boolean add(long value) {
      if (value == 0) {
        boolean fresh = !hasZero;
        hasZero = true;
        return fresh;
      }
      if (size * 2 > slots.length) {
        grow();
      }
      int i = place(slots, value);
      if (slots[i] == value) {
        return false;
      }
      slots[i] = value;
      size++;
      return true;
    }

    private void grow() {
      long[] more = new long[slots.length * 2];
      for (long value : slots) {
        if (value != 0) {
          more[place(more, value)] = value;
        }
      }
      slots = more;
    }

    private static int place(long[] slots, long value) {
      int i = (int) value & (slots.length - 1);
      while (slots[i] != 0 && slots[i] != value) {
        i = (i + 1) & (slots.length - 1);
      }
      return i;
    }
  }
}
