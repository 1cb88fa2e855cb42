package io.tributary.lake.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.execution.datasources.FileIndex;
import org.apache.spark.sql.execution.datasources.PartitionDirectory;
import org.apache.spark.sql.types.StructType;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/**
 * The data files of one table version for Spark's scan; files that a filter excludes are not
 * listed.
 */
final class LiveFileIndex implements FileIndex {
  private static final long BLOCK = 128L << 20;

  private final Path table;
  private final String identity;
  private final List<AddFile> files;
  private final long bytes;

  /**
   * An index of {@code files}.
   *
   * @param identity equal for equal lists of files, by which Spark recognizes equal scans
   */
  LiveFileIndex(Path table, String identity, List<AddFile> files) {
    this.table = table;
    this.identity = identity;
    this.files = List.copyOf(files);
    this.bytes = files.stream().mapToLong(AddFile::size).sum();
  }

  @Override
  public Seq<Path> rootPaths() {
    return JavaConverters.asScalaBuffer(List.of(table)).toSeq();
  }

  @Override
  public Seq<PartitionDirectory> listFiles(
      Seq<Expression> partitionFilters, Seq<Expression> dataFilters) {
    List<FileStatus> listed = new ArrayList<>();
    List<Expression> filters = JavaConverters.seqAsJavaList(dataFilters);
    for (AddFile file : files) {
      if (filters.stream().noneMatch(f -> FileMatch.of(f, file.stats()) == FileMatch.NONE)) {
        listed.add(
            new FileStatus(file.size(), false, 1, BLOCK, file.modificationTime(), path(file)));
      }
    }
    return JavaConverters.asScalaBuffer(
            List.of(
                PartitionDirectory.apply(InternalRow.empty(), listed.toArray(new FileStatus[0]))))
        .toSeq();
  }

  private Path path(AddFile file) {
    return path(table, file);
  }

  static Path path(Path table, AddFile file) {
    Path path = file.toPath();
    return path.isAbsolute() ? path : new Path(table, path);
  }

  @Override
  public String[] inputFiles() {
    return files.stream().map(f -> path(f).toString()).toArray(String[]::new);
  }

  @Override
  public void refresh() {
    // A version's files never change.
  }

  @Override
  public long sizeInBytes() {
    return bytes;
  }

  @Override
  public StructType partitionSchema() {
    return new StructType();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LiveFileIndex o && table.equals(o.table) && identity.equals(o.identity);
  }

  @Override
  public int hashCode() {
    return Objects.hash(table, identity);
  }
}
