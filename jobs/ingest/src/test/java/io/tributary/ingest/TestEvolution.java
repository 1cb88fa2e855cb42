package io.tributary.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.definition.ProjectReader;
import io.tributary.definition.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Without a table: what a contract makes of stored columns. */
class TestEvolution {
  private static final String META = ", _delivery bigint, _file string, _line bigint, _run string";

  @TempDir Path folder;

  private Evolution evolution(String... columns) throws IOException {
    Files.createDirectories(folder.resolve("sources"));
    Files.writeString(folder.resolve("tributary.yaml"), "project: p\nzone: UTC\nlake: lake\n");
    Files.writeString(
        folder.resolve("sources/sales.yaml"),
        """
        source: sales
        static: true
        read: {format: csv, path: sales.csv, header: true}
        columns:
          %s
        event-key: [id]
        """
            .formatted(String.join("\n  ", columns)));
    Source sales = ProjectReader.read(folder, Map.of(), Optional.empty()).sources().get("sales");
    return new Evolution(sales);
  }

  private static String[] sql(Column[] columns) {
    return Arrays.stream(columns)
        .map(column -> column.expr().sql().replace("`", ""))
        .filter(sql -> !sql.startsWith("_"))
        .toArray(String[]::new);
  }

  private static StructType stored(String ddl) {
    return StructType.fromDDL(ddl + META);
  }

  @Test
  void widensAndAddsAndLeavesOutWhatWasDropped() throws IOException {
    Evolution evolution = evolution("id: int", "amount: bigint", "shop: string");

    assertThat(sql(evolution.columns(stored("id int, amount int, till string"))))
        .containsExactly(
            "CAST(id AS INT) AS id",
            "CAST(amount AS BIGINT) AS amount",
            "CAST(NULL AS STRING) AS shop");
  }

  @Test
  void readsARenamedColumnUnderEachOfItsNamesTheNewestFirst() throws IOException {
    Evolution evolution = evolution("id: int", "length: {type: bigint, was: minutes}");

    assertThat(sql(evolution.columns(stored("id int, minutes int, length bigint"))))
        .contains("coalesce(CAST(length AS BIGINT), CAST(minutes AS BIGINT)) AS length");
    assertThat(sql(evolution.columns(stored("id int, minutes int"))))
        .contains("coalesce(CAST(NULL AS BIGINT), CAST(minutes AS BIGINT)) AS length");
  }

  @Test
  void readsWhatWasWidenedSinceAsItWasDelivered() throws IOException {
    Evolution then = evolution("id: int", "amount: int", "length: {type: float, was: minutes}");

    assertThat(sql(then.columnsOfThen(stored("id int, amount decimal(12,2), length double"))))
        .containsExactly(
            "TRY_CAST(id AS INT) AS id",
            "TRY_CAST(amount AS INT) AS amount",
            "TRY_CAST(length AS FLOAT) AS length");
    assertThatThrownBy(() -> then.columnsOfThen(stored("id int, amount string")))
        .hasFieldOrPropertyWithValue("code", ErrorCode.NOT_FOUND)
        .hasMessage(
            "Cannot read bronze.sales by the contract that its rows were loaded by: column amount is"
                + " string there, which can't become int without loss. Restore the table's folder"
                + " from a copy of the lake.");
  }

  @Test
  void refusesEachTypeThatWouldLose() throws IOException {
    Evolution evolution = evolution("id: int", "amount: int", "length: {type: int, was: minutes}");

    assertThatThrownBy(() -> evolution.columns(stored("id int, amount bigint, minutes string")))
        .hasFieldOrPropertyWithValue("code", ErrorCode.INVALID_DEFINITION)
        .hasMessage(
            "Cannot load source sales by its contract of now into bronze.sales: column amount is"
                + " bigint there, which can't become int without loss; column minutes is string"
                + " there, which can't become int without loss. The table has [id int, amount"
                + " bigint, minutes string], the contract [id int, amount int, length int]. Keep"
                + " the type and derive the other, or give the source a new name.");
  }
}
