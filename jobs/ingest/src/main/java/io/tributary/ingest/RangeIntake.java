package io.tributary.ingest;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Source;
import io.tributary.ingest.LedgerEntry.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A database's table, delivered by a watermark: what lies above the greatest value that has been
 * delivered, up to the greatest one there was when it was first looked at. The rows are copied
 * once, in one transaction, to a file in the lake, which is what the delivery is from then on; it
 * is removed once they are in {@code bronze} and judged.
 */
final class RangeIntake implements Intake {
  private final Source source;
  private final GrowingTable table;
  private final String folder;
  private final DeliveryLedger ledger;
  private Optional<Optional<SourceRange>> lookedAfter = Optional.empty();
  private Optional<FoundFile> fresh = Optional.empty();

  RangeIntake(Source source, GrowingTable table, String lake, DeliveryLedger ledger) {
    this.source = source;
    this.table = table;
    this.folder =
        (lake.startsWith("/") ? "file:" + lake : lake) + "/platform/staging/" + source.name();
    this.ledger = ledger;
  }

  @Override
  public List<FoundFile> find() {
    List<LedgerEntry> entries = ledger.entries(source.name());
    Set<Long> released = IngestJob.released(entries);
    List<FoundFile> found = new ArrayList<>();
    Optional<SourceRange> after = Optional.empty();
    for (LedgerEntry entry : entries) {
      for (DeliveredFile file : entry.delivery().files()) {
        boolean counts = entry.is(Outcome.ADMITTED) || released.contains(entry.delivery().number());
        if (entry.verdict().isEmpty()) {
          Optional<FoundFile> kept = find(file);
          kept.ifPresent(found::add);
          counts = kept.isPresent();
        }
        if (counts && file.range().isPresent()) {
          after = file.range();
        }
      }
    }
    fresh(after).ifPresent(found::add);
    return found;
  }

  private Optional<FoundFile> fresh(Optional<SourceRange> after) {
    if (!lookedAfter.equals(Optional.of(after))) {
      fresh = copied(after);
      lookedAfter = Optional.of(after);
    }
    return fresh;
  }

  private Optional<FoundFile> copied(Optional<SourceRange> delivered) {
    try (GrowingTable.Reading reading = table.open()) {
      Optional<SourceRange> news = reading.news(delivered);
      if (news.isEmpty()) {
        return Optional.empty();
      }
      SourceRange range = news.get();
      Path path = path(range);
      FileSystem files = path.getFileSystem(new Configuration());
      Path unfinished = new Path(path.getParent(), "." + path.getName());
      try (OutputStream out = files.create(unfinished, true)) {
        reading.copy(range, out);
      }
      files.delete(path, false);
      if (!files.rename(unfinished, path)) {
        throw new IOException("can't rename " + unfinished);
      }
      return Optional.of(kept(range, path, files));
    } catch (IOException e) {
      throw storage(e);
    }
  }

  private Path path(SourceRange range) {
    return new Path(folder, Digest.of(range.toString()).hex().substring(0, 16) + ".jsonl.gz");
  }

  private FoundFile kept(SourceRange range, Path path, FileSystem files) throws IOException {
    try (InputStream in = files.open(path)) {
      return new FoundFile(
          table.name().replaceFirst("^(Delta )?table ", "") + ": " + range,
          path.toString(),
          files.getFileStatus(path).getLen(),
          Digest.of(in).hex(),
          List.of(range));
    }
  }

  @Override
  public Optional<FoundFile> find(DeliveredFile delivered) {
    if (delivered.range().isEmpty()) {
      return Optional.empty();
    }
    Path path = path(delivered.range().get());
    try {
      FileSystem files = path.getFileSystem(new Configuration());
      return files.exists(path)
          ? Optional.of(kept(delivered.range().get(), path, files))
              .filter(f -> f.sha256().equals(delivered.sha256().hex()))
          : Optional.empty();
    } catch (IOException e) {
      throw storage(e);
    }
  }

  /** Never: nobody but this source writes the copies. */
  @Override
  public boolean isReplaced(FoundFile file) {
    return false;
  }

  @Override
  public void settled(List<LedgerEntry> entries) {
    try {
      for (LedgerEntry entry : entries) {
        if (entry.is(Outcome.ADMITTED) || entry.is(Outcome.WITHDRAWN)) {
          for (DeliveredFile file : entry.delivery().files()) {
            Optional<FoundFile> kept = find(file);
            if (kept.isPresent()) {
              Path path = new Path(kept.get().location());
              path.getFileSystem(new Configuration()).delete(path, false);
            }
          }
        }
      }
    } catch (IOException e) {
      throw storage(e);
    }
  }

  @Override
  public String nothing() {
    return table.name() + " has no rows";
  }

  private PlatformException storage(IOException e) {
    return new PlatformException(
        ErrorCode.STORAGE,
        "Cannot keep a copy of "
            + table.name()
            + " of source "
            + source.name()
            + " in "
            + folder
            + ": "
            + e.getMessage()
            + ". Check that it can be written and that there is space.",
        e);
  }
}
