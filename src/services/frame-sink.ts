/**
 * Takes the frames of one subscription. Its owner calls the subscription's `resume` when it is ready again.
 */
import type { NearbyFrame } from '../domain/proximity-gate.js';

export interface FrameSink {
  /** Whether a frame can be sent now; otherwise changes go on being coalesced. */
  readonly ready: boolean;
  send(frame: NearbyFrame): void;
  /** Drops frames that wait for a slow reader; returns whether there were any. */
  discard(): boolean;
  /** Ends the subscription on the server's side. */
  end(): void;
}

/**
 * Counts the frames of all subscriptions of a server, tens of thousands a second: it adds numbers and no
 * more.
 */
export interface FrameMeter {
  /**
   * A frame was handed to its sink.
   * @param coalesced changes since the frame before that newer ones replaced or undid.
   * @param lagMs milliseconds since a server received the first update that waited for this frame, by the
   *   clocks of the two servers; null for a frame with another cause.
   */
  sent(frame: NearbyFrame, coalesced: number, lagMs: number | null): void;
}
