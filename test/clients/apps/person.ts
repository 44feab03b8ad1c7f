/** What an app that is made with any of the clients can do: the story that the tests tell needs no more. */

/** Signs somebody up. @param url of the server, without a path. */
export type SignUp = (url: string, handle: string) => Promise<Person>;

export interface Person {
  readonly id: string;
  /** Asks somebody to be friends: two who ask each other are. */
  befriend(userId: string): Promise<unknown>;
  share(place: Place): Promise<unknown>;
  /** @param ended with the error that the client gives, or without one where it gives none. */
  follow(next: (message: Message) => void, ended: (error?: unknown) => void): void;
  /** Ends what is open. */
  leave(): unknown;
}

export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

/** What an app selects of NearbyFriendsUpdate, with the types that its scalars have on the wire. */
export interface Message {
  readonly snapshot: boolean;
  readonly nearby: readonly {
    readonly friend: { readonly id: string; readonly handle: string };
    readonly distanceMeters: number;
    readonly location: Place;
    readonly updatedAt: string;
  }[];
  readonly left: readonly { readonly friendId: string; readonly reason: string }[];
}

type Known<T> = 0 extends 1 & T ? never : T extends object ? { [Key in keyof T]: Known<T[Key]> } : T;

/** Does not compile for what has an `any` in it, as a scalar without a mapping may be. */
export function known<T>(value: T & Known<T>): T {
  return value;
}
