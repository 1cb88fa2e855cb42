package io.tributary.serving;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.io.IOException;
import java.io.InputStream;

/** The description of the interface (OpenAPI 3.1). */
final class OpenApi {
  private OpenApi() {}

  static Reply document(Call call) {
    try (InputStream in = OpenApi.class.getResourceAsStream("openapi.json")) {
      return new Reply(200, "application/json", in.readAllBytes());
    } catch (IOException e) {
      throw new PlatformException(ErrorCode.BUG, "Cannot read openapi.json.", e);
    }
  }
}
