/**
 * @generated SignedSource<<9c8bd201375aac62112c137d3c094958>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import { ConcreteRequest } from 'relay-runtime';
export type FriendRequestStatus = "ACCEPTED" | "CANCELLED" | "DECLINED" | "PENDING";
export type appBefriendMutation$variables = {
  userId: string;
};
export type appBefriendMutation$data = {
  readonly sendFriendRequest: {
    readonly status: FriendRequestStatus;
  };
};
export type appBefriendMutation = {
  response: appBefriendMutation$data;
  variables: appBefriendMutation$variables;
};

const node: ConcreteRequest = (function(){
var v0 = [
  {
    "defaultValue": null,
    "kind": "LocalArgument",
    "name": "userId"
  }
],
v1 = [
  {
    "kind": "Variable",
    "name": "userId",
    "variableName": "userId"
  }
],
v2 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "status",
  "storageKey": null
};
return {
  "fragment": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Fragment",
    "metadata": null,
    "name": "appBefriendMutation",
    "selections": [
      {
        "alias": null,
        "args": (v1/*:: as any*/),
        "concreteType": "FriendRequest",
        "kind": "LinkedField",
        "name": "sendFriendRequest",
        "plural": false,
        "selections": [
          (v2/*:: as any*/)
        ],
        "storageKey": null
      }
    ],
    "type": "Mutation",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Operation",
    "name": "appBefriendMutation",
    "selections": [
      {
        "alias": null,
        "args": (v1/*:: as any*/),
        "concreteType": "FriendRequest",
        "kind": "LinkedField",
        "name": "sendFriendRequest",
        "plural": false,
        "selections": [
          (v2/*:: as any*/),
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "id",
            "storageKey": null
          }
        ],
        "storageKey": null
      }
    ]
  },
  "params": {
    "cacheID": "50ab493ed0da19bd8b959aa63ede2e34",
    "id": null,
    "metadata": {},
    "name": "appBefriendMutation",
    "operationKind": "mutation",
    "text": "mutation appBefriendMutation(\n  $userId: ID!\n) {\n  sendFriendRequest(userId: $userId) {\n    status\n    id\n  }\n}\n"
  }
};
})();

(node as any).hash = "72aa4a0914bfdbd5ac2a5578ad213545";

export default node;
