package io.tributary.definition.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TestColumnTypes {
  @Test
  void normalisesTypes() throws Exception {
    assertThat(ColumnTypes.parse("Integer")).isEqualTo("int");
    assertThat(ColumnTypes.parse("long")).isEqualTo("bigint");
    assertThat(ColumnTypes.parse("decimal")).isEqualTo("decimal(10,0)");
    assertThat(ColumnTypes.parse("NUMERIC( 12 , 3 )")).isEqualTo("decimal(12,3)");
    assertThat(ColumnTypes.parse("array< map<string, struct<a: int, b: decimal(4,1)>> >"))
        .isEqualTo("array<map<string,struct<a:int,b:decimal(4,1)>>>");
  }

  @Test
  void saysWhatIsNoType() {
    fails("sting", "no column type \"sting\". Did you mean \"string\"?");
    fails("decimal(50,2)", "\"decimal(50,2)\" is no decimal type");
    fails("decimal(4,5)", "\"decimal(4,5)\" is no decimal type");
    fails("array<int, int>", "array<> takes 1 type, not 2. Write array<string>.");
    fails("map<string>", "map<> takes 2 types, not 1. Write map<string,double>.");
    fails("struct<a int>", "a field of a struct is written name:type, not \"a int\".");
    fails("array<itn>", "no column type \"itn\". Did you mean \"int\"?");
  }

  private static void fails(String text, String why) {
    assertThatThrownBy(() -> ColumnTypes.parse(text))
        .isInstanceOf(SqlTokens.Unreadable.class)
        .hasMessageStartingWith(why);
  }
}
