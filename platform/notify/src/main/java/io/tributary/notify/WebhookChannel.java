package io.tributary.notify;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tributary.core.Json;
import io.tributary.definition.Receiver.Webhook;
import io.tributary.definition.Secret;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLException;

/**
 * Posts notices as JSON, signed as <a href="https://www.standardwebhooks.com">Standard Webhooks</a>
 * has it: HMAC-SHA256 over id, time of the attempt and body. Headers make each a CloudEvent in
 * binary mode. Redirects are not followed, so that nobody else gets a signature.
 */
final class WebhookChannel implements Channel {
  private static final int REQUEST_TIMEOUT = 408;
  private static final int TOO_MANY_REQUESTS = 429;

  /** Unauthorized, forbidden, not found, gone: whatever is posted. */
  private static final Set<Integer> WHOEVER_ASKS = Set.of(401, 403, 404, 410);

  private final Webhook webhook;
  private final Duration attempt;
  private final HttpClient client;

  WebhookChannel(Webhook webhook, Duration attempt) {
    this.webhook = webhook;
    this.attempt = attempt;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(attempt)
            .build();
  }

  @Override
  public void send(Dispatch notice) {
    int status = status(request(notice, Instant.now()));
    if (status / 100 != 2) {
      String answered = webhook.place() + " answered " + status;
      throw status / 100 == 5 || status == TOO_MANY_REQUESTS || status == REQUEST_TIMEOUT
          ? Undelivered.away(answered, null)
          : status / 100 == 3
              ? Undelivered.denied(answered + ", a redirect, which is not followed", null)
              : WHOEVER_ASKS.contains(status)
                  ? Undelivered.denied(answered, null)
                  : Undelivered.refused(answered, null);
    }
  }

  private int status(HttpRequest request) {
    CompletableFuture<HttpResponse<Void>> sent =
        client.sendAsync(request, HttpResponse.BodyHandlers.discarding());
    try {
      // Until the whole answer is there; the request's own timeout ends with its head.
      return sent.get(attempt.toMillis(), TimeUnit.MILLISECONDS).statusCode();
    } catch (TimeoutException e) {
      sent.cancel(true);
      throw Undelivered.away(
          "%s did not answer within %s s".formatted(webhook.place(), attempt.toSeconds()), e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      String why =
          "%s can't be reached (%s)"
              .formatted(
                  webhook.place(),
                  Optional.ofNullable(cause.getMessage()).orElse(cause.getClass().getSimpleName()));
      throw cause instanceof SSLException ? Undelivered.denied(why, e) : Undelivered.away(why, e);
    } catch (InterruptedException e) {
      sent.cancel(true);
      Thread.currentThread().interrupt();
      throw Undelivered.refused("it was interrupted", e);
    }
  }

  private HttpRequest request(Dispatch notice, Instant at) {
    String body = body(notice);
    String seconds = String.valueOf(at.getEpochSecond());
    return HttpRequest.newBuilder(webhook.url())
        .header("content-type", "application/json")
        .header("user-agent", "Tributary")
        .header("webhook-id", notice.id())
        .header("webhook-timestamp", seconds)
        .header(
            "webhook-signature", "v1," + signature(webhook.secret(), notice.id(), seconds, body))
        .header("ce-specversion", "1.0")
        .header("ce-id", notice.id())
        .header("ce-type", notice.type())
        .header("ce-source", "/tributary/" + notice.project() + "/" + notice.source())
        .header("ce-time", notice.at().toString())
        .POST(HttpRequest.BodyPublishers.ofString(body, UTF_8))
        .build();
  }

  static String body(Dispatch notice) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("type", notice.type());
    body.put("timestamp", notice.at());
    body.put("text", notice.text());
    body.put("data", notice);
    return Json.write(body);
  }

  static String signature(Secret secret, String id, String seconds, String body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(Webhook.key(secret).orElseThrow(), "HmacSHA256"));
      return Base64.getEncoder()
          .encodeToString(mac.doFinal((id + "." + seconds + "." + body).getBytes(UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("each Java has HmacSHA256", e);
    }
  }
}
