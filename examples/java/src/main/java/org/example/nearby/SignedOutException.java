package org.example.nearby;

/** The session has ended: somebody has to sign in. */
public final class SignedOutException extends RuntimeException {
  public SignedOutException() {
    super("The session has ended. Sign in again.");
  }
}
