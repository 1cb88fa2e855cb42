package io.tributary.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TestRowPlace {
  @Test
  void namesLinesOfTextAndRowsOfParquet() {
    assertThat(new RowPlace("data/a.csv.gz", 3)).hasToString("data/a.csv.gz:3");
    assertThat(new RowPlace("data/a.csv.gz", 3).number()).isEqualTo("line 3");
    assertThat(new RowPlace("data/a.Parquet", 3)).hasToString("data/a.Parquet: row 3");
    assertThat(new RowPlace("data/a.parquet", 3).number()).isEqualTo("row 3");
  }
}
