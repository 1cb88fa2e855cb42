package io.tributary.notify;

import io.tributary.definition.Receiver;
import java.time.Duration;

/** A way to a receiver. Thread-safe. */
interface Channel {
  /**
   * Hands a notice over. When it returns the receiver has it; when it throws, it may have it: then
   * the next attempt brings the same id.
   *
   * @throws Undelivered where the receiver has it not, or not at all of its addresses
   */
  void send(Dispatch notice);

  /**
   * The way to a receiver.
   *
   * @param attempt how long it waits for an answer: of a webhook the whole one, of a mail server
   *     each of them
   */
  static Channel to(Receiver receiver, Duration attempt) {
    if (receiver instanceof Receiver.Webhook webhook) {
      return new WebhookChannel(webhook, attempt);
    }
    return new MailChannel((Receiver.Mail) receiver, attempt);
  }
}
