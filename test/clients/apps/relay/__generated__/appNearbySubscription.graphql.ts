/**
 * @generated SignedSource<<4211152a3dfc854bc35586ce81f0c58d>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import { ConcreteRequest } from 'relay-runtime';
export type DepartureReason = "OUT_OF_RANGE" | "UNAVAILABLE";
export type appNearbySubscription$variables = Record<PropertyKey, never>;
export type appNearbySubscription$data = {
  readonly nearbyFriends: {
    readonly left: ReadonlyArray<{
      readonly friendId: string;
      readonly reason: DepartureReason;
    }>;
    readonly nearby: ReadonlyArray<{
      readonly distanceMeters: number;
      readonly friend: {
        readonly handle: string;
        readonly id: string;
      };
      readonly location: {
        readonly latitude: number;
        readonly longitude: number;
      };
      readonly updatedAt: string;
    }>;
    readonly snapshot: boolean;
  };
};
export type appNearbySubscription = {
  response: appNearbySubscription$data;
  variables: appNearbySubscription$variables;
};

const node: ConcreteRequest = (function(){
var v0 = [
  {
    "alias": null,
    "args": null,
    "concreteType": "NearbyFriendsUpdate",
    "kind": "LinkedField",
    "name": "nearbyFriends",
    "plural": false,
    "selections": [
      {
        "alias": null,
        "args": null,
        "kind": "ScalarField",
        "name": "snapshot",
        "storageKey": null
      },
      {
        "alias": null,
        "args": null,
        "concreteType": "NearbyFriend",
        "kind": "LinkedField",
        "name": "nearby",
        "plural": true,
        "selections": [
          {
            "alias": null,
            "args": null,
            "concreteType": "User",
            "kind": "LinkedField",
            "name": "friend",
            "plural": false,
            "selections": [
              {
                "alias": null,
                "args": null,
                "kind": "ScalarField",
                "name": "id",
                "storageKey": null
              },
              {
                "alias": null,
                "args": null,
                "kind": "ScalarField",
                "name": "handle",
                "storageKey": null
              }
            ],
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "distanceMeters",
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "concreteType": "Location",
            "kind": "LinkedField",
            "name": "location",
            "plural": false,
            "selections": [
              {
                "alias": null,
                "args": null,
                "kind": "ScalarField",
                "name": "latitude",
                "storageKey": null
              },
              {
                "alias": null,
                "args": null,
                "kind": "ScalarField",
                "name": "longitude",
                "storageKey": null
              }
            ],
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "updatedAt",
            "storageKey": null
          }
        ],
        "storageKey": null
      },
      {
        "alias": null,
        "args": null,
        "concreteType": "DepartedFriend",
        "kind": "LinkedField",
        "name": "left",
        "plural": true,
        "selections": [
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "friendId",
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "reason",
            "storageKey": null
          }
        ],
        "storageKey": null
      }
    ],
    "storageKey": null
  }
];
return {
  "fragment": {
    "argumentDefinitions": [],
    "kind": "Fragment",
    "metadata": null,
    "name": "appNearbySubscription",
    "selections": (v0/*:: as any*/),
    "type": "Subscription",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": [],
    "kind": "Operation",
    "name": "appNearbySubscription",
    "selections": (v0/*:: as any*/)
  },
  "params": {
    "cacheID": "4c90dbd831f25e372b7c935ceedbd32c",
    "id": null,
    "metadata": {},
    "name": "appNearbySubscription",
    "operationKind": "subscription",
    "text": "subscription appNearbySubscription {\n  nearbyFriends {\n    snapshot\n    nearby {\n      friend {\n        id\n        handle\n      }\n      distanceMeters\n      location {\n        latitude\n        longitude\n      }\n      updatedAt\n    }\n    left {\n      friendId\n      reason\n    }\n  }\n}\n"
  }
};
})();

(node as any).hash = "9ff407f3e5540ced1872d1138e9a660f";

export default node;
