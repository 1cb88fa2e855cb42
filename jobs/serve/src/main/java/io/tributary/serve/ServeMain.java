package io.tributary.serve;

import io.tributary.console.ServeCommand;
import io.tributary.console.Tributary;

/** {@code tributary serve}: a server of features and scores that computes views on demand. */
public final class ServeMain {
  private ServeMain() {}

  public static void main(String[] args) {
    System.exit(Tributary.run("serve", new ServeCommand(new CompiledViews()), args));
  }
}
