package io.tributary.notify;

import io.tributary.definition.Receiver;
import io.tributary.definition.Receiver.Security;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Delivers what is owed, in a process of its own: {@code FOLDER webhook|mail PORT}. */
final class SendingProcess {
  static final Delivery DELIVERY =
      new Delivery(Duration.ofSeconds(20), Duration.ofSeconds(60), Duration.ofMillis(5));

  private SendingProcess() {}

  static Receiver receiver(String kind, int port) {
    return kind.equals("webhook")
        ? JudgedLake.webhook("on_call", port)
        : new Receiver.Mail(
            "team",
            List.of("ops@acme.org"),
            "tributary@acme.org",
            "127.0.0.1",
            port,
            Security.STARTTLS,
            Optional.empty(),
            List.of(),
            Receiver.CHANGES);
  }

  public static void main(String[] args) {
    DELIVERY.deliver(
        new JudgedLake(Path.of(args[0])).outbox(),
        JudgedLake.project(receiver(args[1], Integer.parseInt(args[2]))));
  }
}
