package io.tributary.notify;

import io.tributary.definition.Receiver;
import java.time.Duration;

/** A way to a receiver. Thread-safe. */
interface Channel {
  /**
   * Hands a notice over. When it returns the receiver has it; when it throws, it may have it: then
   * the next attempt brings the same id.
   *
   * @throws Undelivered at the latest after the time that one attempt may take
   */
  void send(Notice notice);

  /**
   * The way to a receiver.
   *
   * @param attempt how long one attempt may take
   */
  static Channel to(Receiver receiver, Duration attempt) {
    if (receiver instanceof Receiver.Webhook webhook) {
      return new WebhookChannel(webhook, attempt);
    }
    return new MailChannel((Receiver.Mail) receiver, attempt);
  }
}
