package org.example.nearby;

import org.springframework.graphql.ResponseError;

/** The server's answer is an error, with its documented code. */
public final class RefusedException extends RuntimeException {
  private final String code;

  public RefusedException(ResponseError error) {
    super(error.getMessage());
    code = String.valueOf(error.getExtensions().get("code"));
  }

  public boolean hasCode(String expected) {
    return code.equals(expected);
  }
}
