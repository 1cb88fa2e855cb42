package io.tributary.bench;

/** What a JVM costs that does nothing. */
public final class PlainStart {
  private PlainStart() {}

  public static void main(String[] args) {
    System.out.println("started");
  }
}
