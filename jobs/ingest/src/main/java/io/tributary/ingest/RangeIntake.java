package io.tributary.ingest;

import io.tributary.events.facts.DeliveryVerdict.Outcome;
import io.tributary.ingest.ledger.Delivery;
import io.tributary.ingest.ledger.DeliveryLedger;
import io.tributary.ingest.ledger.LedgerEntry;
import io.tributary.source.DeliveredFile;
import io.tributary.source.FoundFile;
import io.tributary.source.SourceRange;
import io.tributary.source.place.GrowingTable;
import io.tributary.source.place.Intake;
import io.tributary.source.place.Staging;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A table, delivered range by range: what lies above the last range that has been delivered, up to
 * what there was when it was first looked at. The rows are copied once, as they were at one
 * instant, to files in the lake, which are what the delivery is from then on; they are removed once
 * they are in {@code bronze} and judged.
 */
final class RangeIntake implements Intake {
  private final String source;
  private final GrowingTable table;
  private final Staging staging;
  private final DeliveryLedger ledger;
  private Optional<Optional<SourceRange>> lookedAfter = Optional.empty();
  private List<FoundFile> fresh = List.of();

  RangeIntake(String source, GrowingTable table, String lake, DeliveryLedger ledger) {
    this.source = source;
    this.table = table;
    this.staging = new Staging(lake, source, table.name() + " of source " + source);
    this.ledger = ledger;
  }

  @Override
  public List<FoundFile> find() {
    List<LedgerEntry> entries = ledger.entries(source);
    Set<Long> released = IngestJob.released(entries);
    List<FoundFile> found = new ArrayList<>();
    Optional<SourceRange> after = Optional.empty();
    Set<String> judged = new HashSet<>();
    for (LedgerEntry entry : entries) {
      if (entry.is(Outcome.ADMITTED)) {
        entry.delivery().files().forEach(f -> judged.add(f.sha256().hex()));
      }
      boolean counts = entry.is(Outcome.ADMITTED) || released.contains(entry.delivery().number());
      if (entry.verdict().isEmpty()) {
        List<FoundFile> kept = kept(entry.delivery());
        found.addAll(kept);
        counts = !kept.isEmpty();
      }
      for (DeliveredFile file : entry.delivery().files()) {
        if (counts && file.range().isPresent()) {
          after = file.range();
        }
      }
    }
    // A process that was killed once all else was done left them.
    staging.remove(judged::contains);
    found.addAll(fresh(after));
    return found;
  }

  /** The files of a delivery if all of them are there: a range is delivered whole or again. */
  private List<FoundFile> kept(Delivery delivery) {
    List<FoundFile> kept = new ArrayList<>();
    for (DeliveredFile file : delivery.files()) {
      find(file).ifPresent(kept::add);
    }
    return kept.size() == delivery.files().size() ? kept : List.of();
  }

  private List<FoundFile> fresh(Optional<SourceRange> after) {
    // Another process that ended meanwhile may have removed what no delivery had yet.
    boolean gone = fresh.stream().anyMatch(f -> !staging.has(f.sha256()));
    if (gone || !lookedAfter.equals(Optional.of(after))) {
      fresh = copied(after);
      lookedAfter = Optional.of(after);
    }
    return fresh;
  }

  private List<FoundFile> copied(Optional<SourceRange> delivered) {
    try (GrowingTable.Reading reading = table.open()) {
      Optional<SourceRange> news = reading.news(delivered);
      if (news.isEmpty()) {
        return List.of();
      }
      String name = table.name().replaceFirst("^(Delta )?table ", "") + ": " + news.get();
      List<Staging.Kept> parts = reading.copy(news.get(), staging);
      List<FoundFile> files = new ArrayList<>();
      for (Staging.Kept part : parts) {
        files.add(
            new FoundFile(
                parts.size() == 1 ? name : name + part(files.size() + 1, parts.size()),
                part.location(),
                part.bytes(),
                part.sha256(),
                List.of(news.get()),
                List.of(),
                false,
                List.of()));
      }
      return files;
    }
  }

  /** {@code , part 07 of 12}: the names stand in the order of the parts. */
  private static String part(int number, int of) {
    return ", part %%0%dd of %%d".formatted(String.valueOf(of).length()).formatted(number, of);
  }

  @Override
  public Optional<FoundFile> find(DeliveredFile delivered) {
    return delivered.range().isEmpty()
        ? Optional.empty()
        : staging
            .find(delivered.sha256(), delivered.bytes())
            .map(
                kept ->
                    new FoundFile(
                        delivered.path(),
                        kept.location(),
                        kept.bytes(),
                        kept.sha256(),
                        List.of(delivered.range().get()),
                        List.of(),
                        false,
                        List.of()));
  }

  /** Never: nobody but this source writes the copies. */
  @Override
  public boolean isReplaced(FoundFile file) {
    return false;
  }

  /** Lets go, too, of what a process copied that was killed before it became a delivery. */
  @Override
  public void settled() {
    List<LedgerEntry> entries = ledger.entries(source);
    Set<Long> released = IngestJob.released(entries);
    Set<String> needed = new HashSet<>();
    for (LedgerEntry entry : entries) {
      boolean open =
          entry.verdict().isEmpty()
              || (entry.is(Outcome.REJECTED) && !released.contains(entry.delivery().number()));
      if (open) {
        entry.delivery().files().forEach(f -> needed.add(f.sha256().hex()));
      }
    }
    staging.remove(sha256 -> !needed.contains(sha256));
  }

  @Override
  public String nothing() {
    return table.name() + " has no rows";
  }
}
