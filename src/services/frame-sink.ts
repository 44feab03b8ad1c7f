/** What the frames of a subscription go to, and who counts them. */
import type { NearbyFrame } from '../domain/proximity-gate.js';

/** Where frames go. Who implements it calls the session's `resume` when it is ready again. */
export interface FrameSink {
  /** Whether a frame can be sent now; otherwise changes go on merging. */
  readonly ready: boolean;
  send(frame: NearbyFrame): void;
  /** Drops frames that wait for a slow reader; tells whether there were any. */
  discard(): boolean;
  /** The server ends the subscription. */
  end(): void;
}

/** One for all subscriptions of a server. Frames may come by the ten thousand a second: it adds numbers and no more. */
export interface FrameMeter {
  /**
   * A frame was handed to its sink.
   * @param overtaken how many changes came to nothing or were replaced by newer ones since the frame before.
   * @param lagMs how long ago the first update that waited for this frame was received by a server, by the clocks of
   *   the two servers; null when the frame has another cause.
   */
  sent(frame: NearbyFrame, overtaken: number, lagMs: number | null): void;
}
